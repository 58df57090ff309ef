"""The scan station with a flatbed, and with a feeder: nothing is seen before it is scanned, and one touch may bring many pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.devices import Frame, Missing, Ready
from hardware.plates.simulated import SimulatedPlate
from kiosk.album import ALBUM
from kiosk.flow import events as e
from kiosk.flow.model import Screen
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import At, Hint
from tests.kiosk.desk import Desk
from tests.kiosk.plates import SIZE, laid, page
from tests.kiosk.standin import until
from tests.kiosk.test_scanning import A_WHILE, desk, like, nimble, station
from tests.kiosk.visiting import GoodPrinter, printer, quick
from wire.vocabulary import PartState

__all__ = ["desk", "nimble", "printer", "quick"]


class Glass(SimulatedPlate):
    """A flatbed: shows nothing until it scans."""

    live = False
    jammed = False

    def look(self) -> Frame:
        return Frame(Missing("its plug was pulled") if self.jammed else Ready())

    def still(self) -> Frame:
        return Frame(Missing("its plug was pulled")) if self.jammed else super().still()


class Feeder(Glass):
    """Takes one sheet after another, and does not know that one is the last."""

    feeds = True

    def __init__(self) -> None:
        super().__init__(SIZE)
        self.sheets: list[int] = []

    def still(self) -> Frame:
        if self.jammed or not self.sheets:
            return self.look()
        return Frame(Ready(), page(self.sheets.pop(0)).copy(), more=True)


async def test_a_page_on_the_glass_is_scanned_by_a_touch_and_only_then(
    desk: Desk, printer: GoodPrinter, tmp_path: Path
) -> None:
    glass = Glass(SIZE)
    async with station(desk, glass, printer, tmp_path) as visitor:
        await visitor.to_plate("parking")
        await until(
            lambda: visitor.scanning.hint is Hint.LAY_FLAT and not visitor.model.station.live, A_WHILE
        )
        glass.put(laid(page(1)))
        visitor.tap(a.TakePicture())
        await until(lambda: len(visitor.scanning.pages) == 1, A_WHILE)
        glass.jammed = True
        visitor.tap(a.TakePicture())
        await until(lambda: visitor.model.station.trouble is Hint.CAMERA, A_WHILE)
        await until(lambda: not visitor.scanning.working, A_WHILE)
        assert len(visitor.scanning.pages) == 1, "what was taken before stays"
        await visitor.send()
        await visitor.step(At.SENT)
        await until(lambda: len(desk.order) == 1, A_WHILE)
        (body,) = desk.packet(desk.order[0]).files.values()
        assert like(body, 1) > 0.9


@pytest.mark.parametrize("sheets", [4, 3])
async def test_every_sheet_in_the_feeder_is_a_page_of_one_paper_after_one_touch(
    desk: Desk, printer: GoodPrinter, tmp_path: Path, sheets: int
) -> None:
    """Four are more than are taken at once; three are just as many, and then nobody is told that the feeder is empty."""
    feeder = Feeder()
    async with station(desk, feeder, printer, tmp_path) as visitor:
        await visitor.to_plate("parking")
        await until(lambda: visitor.model.station.feeds, A_WHILE)
        feeder.sheets = list(range(1, sheets + 1))
        visitor.tap(a.TakePicture())
        await until(lambda: len(visitor.scanning.pages) >= 3, A_WHILE)
        await until(lambda: not visitor.scanning.working and not feeder.sheets, A_WHILE)
        assert (len(visitor.scanning.pages), len(visitor.scanning.papers)) == (sheets, 1)
        assert visitor.scanning.hint in (Hint.NEXT, Hint.NO_SHEET)
        if sheets == 3:
            visitor.tap(e.HideNow())
            await visitor.screen(Screen.START)
            await until(lambda: len(ALBUM) == 0, A_WHILE)
            return
        await visitor.send()
        await visitor.step(At.SENT)
        await until(lambda: len(desk.order) == 1, A_WHILE)
        files = desk.packet(desk.order[0]).files
        assert [like(body, number) > 0.9 for number, body in enumerate(files.values(), 1)] == [True] * sheets


async def test_whoever_walks_away_while_sheets_are_taken_leaves_none_of_them(
    desk: Desk, printer: GoodPrinter, tmp_path: Path
) -> None:
    feeder = Feeder()
    async with station(desk, feeder, printer, tmp_path) as visitor:
        await visitor.to_plate("parking")
        await until(lambda: visitor.model.station.feeds, A_WHILE)
        feeder.sheets = [1, 2, 3] * 20
        visitor.tap(a.TakePicture())
        await until(lambda: len(visitor.scanning.pages) >= 3, A_WHILE)
        visitor.tap(e.HideNow())
        await visitor.screen(Screen.START)
        await until(lambda: visitor.model.plate is PartState.READY, A_WHILE)
        feeder.sheets = []
        await visitor.to_plate("parking")
        feeder.sheets = [9]
        visitor.tap(a.TakePicture())
        await until(lambda: len(visitor.scanning.pages) == 1 and not visitor.scanning.working, A_WHILE)
        assert len(ALBUM) == 3
        await visitor.send()
        await visitor.step(At.SENT)
        await until(lambda: len(desk.order) == 1, A_WHILE)
        assert [like(body, 9) > 0.9 for body in desk.packet(desk.order[0]).files.values()] == [True]
