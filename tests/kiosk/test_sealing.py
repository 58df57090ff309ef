"""Sealing: whoever has a key of the house can open it, nobody else, and nothing is sealed to what is no key of the house."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace

import pyrage
import pytest

from kiosk.sealing import MOST_RECIPIENTS, CannotSeal, seal, seal_into
from tests.kiosk.desk import MARK, papers
from wire.packets import read_packet


def test_each_of_the_houses_keys_opens_it_and_a_strangers_does_not() -> None:
    first, second, stranger = (pyrage.x25519.Identity.generate() for _ in range(3))
    packet = papers()
    sealed = seal(packet, [str(first.to_public()), str(second.to_public())])
    assert MARK.encode() not in sealed
    for key in (first, second):
        assert read_packet(pyrage.decrypt(sealed, [key])) == packet
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [stranger])


FOREIGN = {
    "none": ([], "has not told"),
    "too many": ([str(pyrage.x25519.Identity.generate().to_public())] * (MOST_RECIPIENTS + 1), "at most"),
    "nonsense": (["age1nonsense"], "'age1nonsense'"),
    "one sign wrong": (["age1" + "q" * 58], "cannot be sealed to|not one that can be sealed"),
    "ssh": (["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"], "age1"),
    "a yubikey's": (["age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"], "age1"),
    "empty": ([""], "public key"),
}


@pytest.mark.parametrize("case", list(FOREIGN))
def test_a_key_that_is_none_of_ours_is_refused_in_words(case: str) -> None:
    keys, words = FOREIGN[case]
    with pytest.raises(CannotSeal, match=words):
        seal(papers(), keys)


def test_one_bad_key_among_good_ones_seals_nothing() -> None:
    out = io.BytesIO()
    with pytest.raises(CannotSeal):
        seal_into(papers(), [str(pyrage.x25519.Identity.generate().to_public()), "age1nonsense"], out)
    assert out.getvalue() == b""


def test_a_secret_key_put_in_by_mistake_is_not_repeated() -> None:
    secret = str(pyrage.x25519.Identity.generate())
    with pytest.raises(CannotSeal) as refused:
        seal(papers(), [secret])
    assert secret[:24] not in str(refused.value)


def test_pages_that_are_not_those_of_the_manifest_are_no_packet() -> None:
    packet = papers()
    with pytest.raises(CannotSeal, match="A file is not what its manifest says"):
        seal(
            replace(packet, files={**packet.files, "p0.jpg": b"other"}),
            [str(pyrage.x25519.Identity.generate().to_public())],
        )


def test_a_hundred_pages_are_sealed_without_holding_them_twice() -> None:
    class Nowhere(io.RawIOBase):
        length = 0

        def write(self, data: bytes) -> int:  # type: ignore[override]  # only bytes come
            self.length += len(data)
            return len(data)

    packet, out = papers(100, 400_000), Nowhere()
    tracemalloc.start()
    seal_into(packet, [str(pyrage.x25519.Identity.generate().to_public())], out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert out.length > 40_000_000
    assert peak < 4_000_000


def test_a_disk_that_fails_while_it_is_sealed_says_so_itself() -> None:
    class Full(io.RawIOBase):
        def write(self, data: bytes) -> int:  # type: ignore[override]  # only bytes come
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as trouble:
        seal_into(papers(), [str(pyrage.x25519.Identity.generate().to_public())], Full())
    assert trouble.value.errno == 28
