"""Texts and characters: built in, changed by a legal entity, and never more than text."""

import json
from decimal import Decimal

import pytest
from fontTools.ttLib import TTFont

from services.notifications.rendering import samples
from services.notifications.rendering.display.formats import Formats
from services.notifications.rendering.page.characters import FONTS, clean, displayable, glyphs
from services.notifications.rendering.rendered import render
from services.notifications.rendering.sample_messages import reminder
from services.notifications.rendering.sources import letters
from services.notifications.rendering.templates import check
from services.notifications.rendering.texts import built_in, filled
from tests.notifications.rendering import pages


def test_each_language_has_the_same_texts():
    german = built_in("de").by_kind

    for language in ("en", "fr"):
        other = built_in(language).by_kind
        assert {kind: [*texts] for kind, texts in other.items()} == {
            kind: [*texts] for kind, texts in german.items()
        }


def test_a_text_names_what_it_knows_and_leaves_the_rest():
    assert filled("{amount} by {due}, {x} {0} {a.b} {{", {"amount": "5", "due": "6"}) == (
        "5 by 6, {x} {0} {a.b} {{"
    )
    assert filled("{amount}", {"amount": "{due}", "due": "6"}) == "{due}"


@pytest.mark.parametrize(
    ("kind", "texts", "wrong"),
    [
        ("reminder_1", {"title": "Erinnerung", "introduction": "{amount} bis {due}."}, []),
        ("reminder_1", {"titel": "x"}, ["reminder_1.titel: there is no such text"]),
        ("reminder_1", {"title": "{iban}"}, ["reminder_1.title: {iban} is not known here"]),
        ("invoice", {"closing": "{due}"}, ["invoice.closing: {due} is not known here"]),
        ("invoice", {"closing": "x" * 2001}, ["invoice.closing: 2001 characters"]),
        ("invoice", {"closing": "\x07"}, ["invoice.closing: a control character"]),
        ("labels", {"page": "x"}, ["labels: these words cannot be changed"]),
        ("vip", {"title": "Lieber Stammkunde"}, []),
    ],
)
def test_a_template_is_tried_before_it_counts(press, kind, texts, wrong):
    found = check(kind, texts, language="de", press=press)

    assert [each[: len(start)] for each, start in zip(found, wrong, strict=True)] == wrong


def test_a_legal_entity_has_texts_of_its_own_and_the_version_is_on_record(press):
    texts = built_in("de").saying("reminder_2", {"title": "Zweite Bitte"}, version=4)
    drawn = letters.reminder(reminder(2), parties=samples.parties_of("de"))

    made = render(drawn, press=press, texts=texts)

    assert made.template_version == 4
    assert "Zweite Bitte" in pages.text(made.pdf)
    assert "Mahngebühr" in pages.text(made.pdf)


def test_a_step_may_name_a_template_of_its_own(press):
    texts = built_in("de").saying("vip", {"title": "Lieber Stammkunde"})
    drawn = letters.reminder(reminder(2, template="vip"), parties=samples.parties_of("de"))

    assert "Lieber Stammkunde" in pages.text(render(drawn, press=press, texts=texts).pdf)


def test_what_a_template_says_is_text_and_no_program(press):
    evil = {"closing": '#panic("x") *a* $x^2$ #import "/etc/passwd" @ref {{amount}}'}
    texts = built_in("de").saying("thanks", evil)
    [thanks] = [one for name, one in samples.samples("de") if name == "thanks"]

    text = pages.text(render(thanks, press=press, texts=texts).pdf)

    assert '#panic("x") *a* $x^2$ #import "/etc/passwd" @ref {238,00 €}' in text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Müller & Söhne", "Müller & Söhne"),
        ("a\x00b\x1fc", "a\ufffdb\ufffdc"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("\ud800", "\ufffd"),
        ("a\r\nb", "a\nb"),
        ("\ue000", "\ufffd"),
        ("x" * 2001, "x" * 1999 + "…"),
    ],
)
def test_characters_that_no_reader_can_take_are_replaced(said, kept):
    assert clean(said) == kept


@pytest.mark.parametrize(
    ("said", "shown"),
    [("5 € – ½", "5 € – ½"), ("\U0001f389", "\ufffd"), ("株", "\ufffd"), ("שלום", "שלום")],  # noqa: RUF001
)
def test_what_our_fonts_lack_is_shown_as_lacking(said, shown):
    assert displayable(said) == shown


def test_the_list_of_glyphs_is_that_of_the_fonts():
    found = set()
    for file in FONTS.glob("*.ttf"):
        found |= {chr(code) for code in TTFont(file, lazy=True).getBestCmap()}

    assert glyphs() == found | {"\n", "\t"}
    assert json.loads((FONTS / "coverage.json").read_text())


@pytest.mark.parametrize(
    ("language", "currency", "minor", "money"),
    [
        ("de", "EUR", 123_456_789, "1.234.567,89\u00a0€"),
        ("en", "EUR", -123_456, "-€1,234.56"),
        ("fr", "EUR", 123_456, "1\u202f234,56\u00a0€"),
        ("de", "JPY", 1234, "1.234\u00a0¥"),
        ("de", "KWD", 1234, "1,234\u00a0KWD"),
        ("en", "CHF", 5, "CHF\u00a00.05"),
    ],
)
def test_money_is_written_as_its_language_does(language, currency, minor, money):
    assert Formats(language, currency).money(minor) == money


def test_prices_have_all_their_decimals():
    assert Formats("de", "EUR").price(Decimal("0.0000125")) == "0,0000125"
    assert Formats("de", "EUR").price(Decimal("49.9")) == "49,90"
    assert Formats("fr", "EUR").number(Decimal("1234567.5")) == "1\u202f234\u202f567,5"
