"""A card that is full, on a real file system of its own: tickets go on by the room kept for it, and none is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.ballast import NAME, Ballast
from kiosk.flow import events as e
from kiosk.flow.model import Screen
from tests.kiosk.standin import StandIn, until
from tests.kiosk.visiting import GoodPrinter, printer, quick, running, server, settings_for
from wire.vocabulary import Language

__all__ = ["printer", "quick", "server"]
MIB = 2**20


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """Twelve megabytes of memory as a file system."""
    place = tmp_path / "card"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=12m", "foyer-test", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(card: Path) -> None:
    with (card / "a log that grew").open("ab", buffering=0) as log:
        for size in (MIB, 4096, 1):
            try:
                while True:
                    log.write(b"x" * size)
            except OSError:
                continue


def test_the_room_is_really_kept_and_really_given_up(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path, MIB)
    assert ballast.keep()
    assert (tmp_path / NAME).stat().st_blocks * 512 >= MIB, "not a file with holes"
    assert ballast.keep()
    assert ballast.drop()
    assert not ballast.drop()
    assert not Ballast(tmp_path / "nowhere", MIB).keep()
    assert not Ballast(tmp_path, 2**60).keep(), "where there is no plenty, nothing is taken"


async def test_tickets_go_on_when_the_card_is_full_and_none_is_lost(
    card: Path, server: StandIn, printer: GoodPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.ballast.SIZE", MIB)
    async with running(settings_for(server, card), printer) as visitor:
        codes = [await visitor.ticket()]
        await visitor.leave()
        await until(lambda: (card / NAME).exists())
        fill(card)
        for _ in range(60):  # some fit into what the journal's own files had to spare
            await until(lambda: visitor.model.screen is Screen.START and visitor.model.fault is None)
            visitor.tap(e.ChooseLanguage(Language.GU))
            visitor.tap(e.ChooseNeed("money"))
            await until(lambda: visitor.model.screen is Screen.TICKET or visitor.model.fault is not None)
            if visitor.model.ticket is not None:
                codes.append(visitor.model.ticket.code)
                await visitor.leave()
            if not (card / NAME).exists() and len(codes) > 5:
                break
        assert not (card / NAME).exists(), "the card was really full"
        await until(lambda: visitor.model.fault is None)
        codes.append(await visitor.ticket())
        await until(lambda: sorted(body.code for body in server.issued) == sorted(codes), 20)
    assert len(set(codes)) == len(codes)
