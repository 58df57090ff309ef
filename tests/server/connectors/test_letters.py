"""What a letter to a visitor says, whichever way it goes."""

from __future__ import annotations

import pytest

from server.connectors import letters
from server.domain.posting import Facts, Parcel
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
