"""A begun form opens for who holds its secret, whole, and for nobody else."""

from __future__ import annotations

import pytest

from forms.carrying import (
    Begun,
    BegunFile,
    CannotOpen,
    id_of,
    new_secret,
    open_bytes,
    seal,
    seal_bytes,
    secret_of,
    unseal,
)
from wire.references import new_reference, show_reference

HOUSE = "https://queue.example.gov.uk"
BEGUN = Begun(
    slug="street-problem",
    version=3,
    language="ur",
    answers={"what": "لائٹ", "photos": ["photo-1.jpg", "photo-2.png"]},
    files={
        "photo-1.jpg": BegunFile("image/jpeg", b"\xff\xd8" * 50),
        "photo-2.png": BegunFile("image/png", b""),
    },
    typed={"when": {"day": "31", "month": "2", "year": "2026"}},
    at="when",
    seconds=42,
)


def test_what_was_sealed_comes_out_whole() -> None:
    secret = new_secret()
    assert unseal(seal(BEGUN, secret), secret) == BEGUN


def test_nothing_of_it_is_seen_from_outside_and_no_two_are_alike() -> None:
    secret = new_secret()
    first, second = seal(BEGUN, secret), seal(BEGUN, secret)
    assert first != second
    assert b"street" not in first
    assert "لائٹ".encode() not in first


def test_another_secret_another_name_or_a_changed_byte_opens_nothing() -> None:
    secret = new_secret()
    sealed = seal(BEGUN, secret)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for body, key in ((sealed, new_secret()), (changed, secret), (sealed[:20], secret), (b"", secret)):
        with pytest.raises(CannotOpen):
            unseal(body, key)
    with pytest.raises(CannotOpen):
        open_bytes(seal_bytes(b"photo", secret, "photo-1.jpg"), secret, "photo-2.jpg")
    with pytest.raises(CannotOpen):
        unseal(seal_bytes(b"\0\0\0\x02{}", secret), secret)


def test_a_reference_is_read_as_people_type_it_and_is_another_secret_in_another_house() -> None:
    reference = new_reference(lambda signs: signs[5])
    said = secret_of(reference, HOUSE)
    assert said == secret_of(show_reference(reference).lower(), HOUSE + "/")
    assert said not in (reference, secret_of(reference, "https://other.example.gov.uk"))
    assert secret_of("not-a-reference-but-a-secret", HOUSE) == "not-a-reference-but-a-secret"
    assert len(id_of(said)) == 64
