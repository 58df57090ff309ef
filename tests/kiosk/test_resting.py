"""The panel rests while the centre is closed, and wakes before the doors open, on a touch, and when all must leave."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.screens.simulated import SimulatedScreen
from kiosk.flow.resting import AWAKE_SECONDS, BEFORE_MS, wants_light
from kiosk.resting import Resting
from tests.kiosk.flow.walking import HOUR, TUESDAY_TEN, evacuated, open_kiosk, york_house
from tests.kiosk.standin import StandIn, until
from tests.kiosk.visiting import GoodPrinter, printer, quick, running, server, settings_for

__all__ = ["printer", "quick", "server"]
LONG_AGO = -1e9


def closed(**centre: object) -> dict[str, dict[str, object]]:
    rows = york_house(open=False, opens_at=TUESDAY_TEN + 20 * HOUR, closes_at=None, **centre)
    for row in rows.values():
        if row["kind"] == "service":
            row.update(open=False, opens_at=TUESDAY_TEN + 20 * HOUR)
    return rows


def test_it_is_lit_whenever_somebody_could_want_it() -> None:
    model = replace(open_kiosk(closed()).model, steady=10_000.0, last_touch=0.0)
    assert not wants_light(model, LONG_AGO, LONG_AGO)
    assert wants_light(replace(model, now=model.now + 20 * HOUR - BEFORE_MS + 1), LONG_AGO, LONG_AGO), (
        "soon open"
    )
    assert wants_light(model, model.steady - AWAKE_SECONDS + 1, LONG_AGO), "woken by a touch"
    assert wants_light(model, LONG_AGO, model.steady - AWAKE_SECONDS + 1), "just closed"
    assert wants_light(replace(model, last_touch=model.steady - 1), LONG_AGO, LONG_AGO)
    assert wants_light(replace(model, device=None), LONG_AGO, LONG_AGO), "not set up"
    assert wants_light(replace(model, ordered=True), LONG_AGO, LONG_AGO)
    open_one = replace(open_kiosk().model, steady=10_000.0, last_touch=0.0)
    assert wants_light(open_one, LONG_AGO, LONG_AGO)
    unknown = replace(
        open_kiosk(closed() | {"centre": closed()["centre"] | {"opens_at": None}}).model, steady=1e4
    )
    assert wants_light(replace(unknown, last_touch=0.0), LONG_AGO, LONG_AGO), "nobody knows when it opens"


async def test_a_touch_in_the_dark_only_wakes_and_an_evacuation_lights_at_once(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.resting.LOOK_SECONDS", 0.02)
    monkeypatch.setattr("kiosk.flow.resting.AWAKE_SECONDS", 0.2)
    server.rows = closed()
    async with running(settings_for(server, tmp_path), printer) as visitor:
        panel = SimulatedScreen()
        resting = Resting(visitor.runner, panel)
        visitor.runner.watch(resting.watch)
        task = asyncio.create_task(resting.run())
        await until(lambda: resting.dark)
        await until(lambda: visitor.runner.reporting.screen == "off")
        assert resting.touched(), "the first touch presses nothing"
        await until(lambda: panel.lit and not resting.dark)
        assert not resting.touched(), "the next one counts"
        await until(lambda: resting.dark)
        await server.change(evacuated(open=False, opens_at=TUESDAY_TEN + 20 * HOUR))
        await until(lambda: panel.lit)
        await server.change(closed())
        await until(lambda: resting.dark)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert panel.lit, "whatever shows next must be seen"


async def test_a_panel_that_does_not_obey_is_told_and_its_kiosk_serves_on(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    (tmp_path / "panel").write_text("broken")
    async with running(settings_for(server, tmp_path), printer) as visitor:
        resting = Resting(visitor.runner, SimulatedScreen(tmp_path / "panel"))
        task = asyncio.create_task(resting.run())
        await until(lambda: visitor.runner.reporting.screen == "broken")
        assert not resting.touched()
        assert await visitor.ticket()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Sticking(SimulatedScreen):
    """It does not do what is in `sticks`, and takes its time for going dark."""

    def __init__(self) -> None:
        super().__init__()
        self.sticks: set[bool] = set()
        self.slow = threading.Event()
        self.slow.set()

    def light(self, lit: bool) -> bool:
        if not lit:
            self.slow.wait(20)
        return super().light(lit) and lit not in self.sticks


async def test_one_that_does_not_come_on_is_told_again_at_once_and_one_that_does_not_go_dark_later(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.resting.LOOK_SECONDS", 0.01)
    monkeypatch.setattr("kiosk.flow.resting.AWAKE_SECONDS", 0.1)
    server.rows = closed()
    async with running(settings_for(server, tmp_path), printer) as visitor:
        panel = Sticking()
        panel.sticks = {True, False}
        resting = Resting(visitor.runner, panel)
        visitor.runner.watch(resting.watch)
        task = asyncio.create_task(resting.run())
        await until(lambda: False in panel.told)
        assert not resting.touched(), "it is still lit"
        await server.change(evacuated(open=False, opens_at=TUESDAY_TEN + 20 * HOUR))
        await until(lambda: panel.told[-5:] == [True] * 5)
        assert panel.told.count(False) == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_kiosk_that_ends_while_its_panel_goes_dark_leaves_it_lit(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.resting.LOOK_SECONDS", 0.01)
    monkeypatch.setattr("kiosk.flow.resting.AWAKE_SECONDS", 0.1)
    server.rows = closed()
    async with running(settings_for(server, tmp_path), printer) as visitor:
        panel = Sticking()
        panel.slow.clear()
        resting = Resting(visitor.runner, panel)
        visitor.runner.watch(resting.watch)
        task = asyncio.create_task(resting.run())
        await until(lambda: resting._told is False)
        task.cancel()
        await asyncio.sleep(0)
        panel.slow.set()
        await asyncio.gather(task, return_exceptions=True)
        assert panel.lit
        assert panel.told[-2:] == [False, True]
