"""The payment reference: made of contract and document, and read as people and banks write it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iso11649

from schemas.payment_reference import grouped, parse, payment_reference, references_in

IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def test_a_document_always_has_the_same_reference():
    assert payment_reference("C-1", "I-1") == "RF19YPYTBPJN7P1S"
    assert payment_reference("C-1", "I-2") == "RF20G5F6ABQD592W"
    assert payment_reference("C-2", "I-1") == "RF66MX2S8SM7E0HV"


def test_ids_that_look_alike_when_joined_have_references_of_their_own():
    assert payment_reference("C-1", "1") != payment_reference("C-11", "")


@given(IDS, IDS)
def test_every_reference_is_one_of_iso_11649_and_is_read_back(contract_id, document_id):
    reference = payment_reference(contract_id, document_id)

    assert len(reference) == 16
    assert iso11649.validate(reference) == reference
    assert parse(grouped(reference)) == (reference, True)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("RF18539007547034", ("RF18539007547034", True)),  # the example of the standard
        ("RF18 5390 0754 7034", ("RF18539007547034", True)),
        ("rf18 5390 0754 7034 ", ("RF18539007547034", True)),
        ("RF18\u00a05390\u200b0754\n7034", ("RF18539007547034", True)),
        ("RF19 5390 0754 7034", ("RF19539007547034", False)),
        ("RF18 5390 0754 7043", ("RF18539007547043", False)),  # two digits in each other's place
        ("RF9912", ("RF9912", False)),
        ("RF00ABC", ("RF00ABC", False)),
        ("RF18", None),
        ("RF18 5390-0754", None),
        ("RF18" + "1" * 22, None),
        ("R-2026-0001", None),
        ("", None),
    ],
)
def test_a_reference_is_read_whatever_its_blanks(text, read):
    assert parse(text) == read


@given(IDS, st.integers(4, 15), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_digit_or_letter_is_always_noticed(document_id, place, wrong):
    reference = payment_reference("C", document_id)
    # A letter counts as two digits: only within one kind the check digits promise it.
    assume(reference[place].isdigit() == wrong.isdigit())
    spoilt = reference[:place] + wrong + reference[place + 1 :]

    assert parse(spoilt).fits is (spoilt == reference)


def test_references_are_found_in_what_a_bank_says():
    first, second = payment_reference("C-1", "I-1"), payment_reference("C-1", "I-2")
    purpose = f"Rechnung {grouped(first)[:9]}\n{grouped(first)[9:]}, {second.lower()} und {first}"

    assert references_in(purpose) == (first, second)
    assert references_in("RF18 5390 0754 7035, PERF 2026-01") == ()
