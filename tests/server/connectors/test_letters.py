"""What a letter to a visitor says, whichever way it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from server.connectors import letters
from server.domain.posting import Facts, Parcel
from server.domain.said import ToCome
from wire.vocabulary import Letter, Way
from words import isolate

FACTS = Facts(
    "York House", "Europe/London", {"en": "Council tax"}, moment=1_795_515_000_000_000, reference="3467-BCDF"
)


@pytest.mark.parametrize(
    ("language", "shown"), [("ur", isolate("3467-BCDF")), ("ar", isolate("3467-BCDF")), ("pl", "3467-BCDF")]
)
def test_a_reference_that_begins_with_digits_keeps_its_halves_in_order(language: str, shown: str) -> None:
    parcel = Parcel("1", Letter.CONFIRMED, Way.SMS, language, "+447700900123", FACTS, 1)
    values = letters.fields(parcel)
    assert values["reference"] == shown
    assert shown in letters.text(Letter.CONFIRMED, Way.SMS, language, values)


def test_a_receipt_says_by_when_its_visitor_hears_in_every_language_and() -> None:
    promised = ((ToCome.ACKNOWLEDGE, date(2026, 12, 1)), (ToCome.ANSWER, date(2026, 12, 15)))
    said = set()
    for language in letters.languages():
        facts = replace(FACTS, promised=promised)
        parcel = Parcel("1", Letter.RECEIPT, Way.SMS, language, "+447700900123", facts, 1)
        promise = letters.fields(parcel)["promise"]
        assert "15" in promise
        assert letters.template(Letter.RECEIPT, Way.SMS, language).endswith(" ((promise))")
        plain = Parcel("1", Letter.RECEIPT, Way.EMAIL, language, "a@b.example", FACTS, 1)
        assert "\n\n\n" not in letters.text(Letter.RECEIPT, Way.EMAIL, language, letters.fields(plain))
        said.add(promise)
    assert len(said) == len(letters.languages())
