"""A real kiosk without a screen, driven through its dock: fingers, paper, faults, and the plug."""

from __future__ import annotations

import asyncio
import io
import time
import urllib.error

import pytest
from PIL import Image

from tests.kiosk.devdock.conftest import Dock
from tests.kiosk.screens.sample import NOW
from tests.support.browser import on_one_loop
from wire.asks import CheckIn
from wire.references import arrival_hash, arrival_salt

REFERENCE = "BCDFGHJW"
pytestmark = [on_one_loop, pytest.mark.system]


async def test_from_the_first_touch_to_the_paper(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    await dock.press(text="English")
    await dock.until(screen="needs", language="en")
    before = await dock.get("/screen.png")
    await dock.press(icon="council-tax")
    state = await dock.until(screen="ticket", paper="confirmed", papers=1)
    assert state["code"].startswith("K")
    frame = Image.open(io.BytesIO(await dock.get("/screen.png")))
    assert frame.size == (1280, 800)
    assert (await dock.get("/screen.png")) != before
    paper = Image.open(io.BytesIO(await dock.get("/paper.png")))
    assert paper.width == 576
    assert [issue.code for issue in dock.server.issued] == [state["code"]]
    await dock.press(icon="yes")
    state = await dock.until(screen="start", code=None)
    assert state["language"] == "en"


async def test_faults_are_pulled_and_put_back(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    for lever, there, gone in (
        ("paper_out", {"printer": "out"}, {"printer": "ready"}),
        ("cover_open", {"printer": "cover_open"}, {"printer": "ready"}),
        ("link_cut", {"link_up": False}, {"link_up": True}),
    ):
        assert (await dock.post("/lever", {"name": lever, "on": True}))["levers"][lever] is True
        await dock.until(40, **there)
        await dock.post("/lever", {"name": lever, "on": False})
        await dock.until(40, **gone)


async def test_a_ticket_taken_without_paper_and_line_is_on_the_screen(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    await dock.post("/lever", {"name": "link_cut", "on": True})
    await dock.post("/lever", {"name": "paper_out", "on": True})
    await dock.until(40, link_up=False, printer="out")
    await dock.press(text="ગુજરાતી")
    await dock.until(screen="needs", language="gu")
    await dock.press(icon="council-tax")
    state = await dock.until(screen="ticket", paper="not_printed")
    assert (state["papers"], dock.server.issued) == (0, [])
    await dock.post("/lever", {"name": "link_cut", "on": False})
    await dock.until(40, link_up=True)
    deadline = time.monotonic() + 20
    while not dock.server.issued:
        assert time.monotonic() < deadline, dock.child.story()
        await asyncio.sleep(0.05)
    assert dock.server.issued[0].code == state["code"]


async def test_the_plug_can_be_pulled(dock: Dock) -> None:
    await dock.post("/lever", {"name": "kill", "on": True})
    assert await asyncio.to_thread(dock.child.wait) == -9


async def test_nonsense_is_refused_and_changes_nothing(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    for path, body in (
        ("/touch", {"x": -1, "y": 5}), ("/touch", {"x": "left", "y": 0}), ("/touch", {}), ("/touch", {"x": 1, "y": 1, "phase": "hover"}),
        ("/lever", {"name": "gravity", "on": False}), ("/lever", {"name": "kill"}), ("/elsewhere", {}),
    ):  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as refused:
            await dock.post(path, body)
        assert refused.value.code in (400, 404)
    assert (await dock.state())["screen"] == "start"


async def test_papers_are_laid_on_the_plate_and_its_camera_is_broken(dock: Dock) -> None:
    async def colour() -> list[int]:
        seen = Image.open(io.BytesIO(await dock.get("/plate.jpg")))
        assert seen.size == (480, 360)
        return [round(each / 40) * 40 for each in seen.resize((1, 1)).getpixel((0, 0))]  # type: ignore[union-attr]  # of a coloured picture

    state = await dock.until(screen="start", printer="ready", link_up=True)
    assert state["plate"] == {"pictures": ["1-a-letter.png", "2-a-letter.png"], "lies": ""}
    empty = await colour()
    laid = await dock.post("/lay", {"name": "1-a-letter.png"})
    assert laid["plate"]["lies"] == "1-a-letter.png"
    assert await colour() == [200, 40, 40]
    await dock.post("/lay", {"next": True})
    assert await colour() == [40, 200, 40]
    await dock.post("/lay", {"name": ""})
    assert await colour() == empty
    assert (await dock.state())["packets"] == 0
    await dock.post("/lever", {"name": "plate_black", "on": True})
    assert await colour() == [0, 0, 0]
    await dock.post("/lever", {"name": "plate_unplugged", "on": True})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        await dock.get("/plate.jpg")
    for body in ({"name": "../../etc/passwd"}, {"name": 5}, {}):
        with pytest.raises(urllib.error.HTTPError, match=r"40[04]"):
            await dock.post("/lay", body)


async def test_a_code_is_held_up_and_is_an_arrival(dock: Dock) -> None:
    """By the real window: camera on, code read, ticket with the time on screen and paper; a web address is told for what it is."""
    hashed = arrival_hash(REFERENCE, arrival_salt("york-house", "2026-11-24"))
    row = {
        "kind": "expected",
        "hash": hashed,
        "starts_at": NOW,
        "from_at": NOW,
        "kept_until_at": NOW + 600_000,
        "where": "",
    }
    await dock.server.change({f"expected:{hashed}": row})
    await dock.until(screen="start", printer="ready", link_up=True, scanner="ready")
    assert (await dock.state())["camera"] == "silent", "nobody has looked through it"
    await dock.press(text="English")
    await dock.until(screen="needs")
    await dock.press(icon="calendar")
    await dock.until(screen="check_in", camera="ready")
    empty = await dock.get("/screen.png")
    await dock.post("/hold", {"text": "https://www.example.com/", "by": "camera"})
    state = await dock.until(screen="check_in", hint="checkin.hint_web")
    assert await dock.get("/screen.png") != empty
    await dock.post(
        "/hold", {"text": f"https://foyer.example.org/check-in/{REFERENCE}", "by": "camera", "turned": 15}
    )
    state = await dock.until(screen="ticket", paper="confirmed", papers=1)
    assert REFERENCE not in str(state)
    told = [body for body in dock.server.asked if isinstance(body, CheckIn)]
    assert [(body.reference, body.code) for body in told] == [(REFERENCE, state["code"])]
    await dock.press(icon="yes")
    await dock.until(screen="start")
    for name in ("camera_unplugged", "scanner_unplugged"):
        assert (await dock.post("/lever", {"name": name, "on": True}))["levers"][name]
    with pytest.raises(urllib.error.HTTPError, match="400"):
        await dock.post("/hold", {"text": "x", "by": "foot"})
