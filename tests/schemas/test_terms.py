"""What a legal entity must say before anybody is dunned in its name."""

import pytest
from pydantic import ValidationError

from schemas.terms import LegalEntityPublished
from tests.support.events import ACME


@pytest.mark.parametrize(("country", "subdivision"), [("DE", None), ("DE", "BE"), ("AT", "9")])
def test_r91_a_legal_entity_lives_where_public_holidays_are_known(country, subdivision):
    said = ACME.model_dump() | {"country": country, "subdivision": subdivision}

    assert LegalEntityPublished(**said).subdivision == subdivision


@pytest.mark.parametrize(("country", "subdivision"), [("DE", "ZZ"), ("ZZ", None)])
def test_r91_a_place_without_known_holidays_is_refused_at_the_edge(country, subdivision):
    said = ACME.model_dump() | {"country": country, "subdivision": subdivision}

    with pytest.raises(ValidationError, match="no public holidays are known of 'ZZ'"):
        LegalEntityPublished(**said)
