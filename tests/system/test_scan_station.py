"""A scan from the glass to the team's folder, through real parts: a recorded film under the camera, a real window, a killed server, a killed kiosk.

Every page must arrive, once, looking as it lay there; and whatever happens, nothing of it may lie on the station in the clear.
"""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest

from tests.kiosk.plates import SIZE, empty, laid, page
from tests.support.browser import on_one_loop
from tests.support.waiting import until_async
from tests.system.house import House, kill

pytestmark = [pytest.mark.system, on_one_loop]

MARK = "ZANZIB7"
"""Typed as the visitor's reference, and printed on every page."""
PLANTED = (MARK.encode(), b"\xff\xd8\xff\xe0", b"JFIF\x00\x01", b"%PDF-1.")
"""Long enough never to stand by chance in what is sealed."""
RATE = 8.0


def film(file: Path, number: int) -> None:
    """A page is laid there, askew in its own way; a film's last picture stays, so it lies there for as long as a slow machine needs."""
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), RATE, SIZE)
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, 95)
    assert writer.isOpened()
    shown = laid(
        page(number, f"{MARK} page {number}"), askew=3.0 * number - 6, at=((0.48 + 0.02 * number, 0.5),)
    )
    for picture, seconds in ((empty(), 0.6), (shown, 1.0)):
        for _ in range(round(seconds * RATE)):
            writer.write(picture)
    writer.release()


def planted(house: House) -> list[str]:
    """Files of the station in which something of the visitor stands. What was laid under its camera is not the station's."""
    found = []
    for each in house.ground.kiosk.rglob("*"):
        if each.is_file() and house.ground.letters not in each.parents:
            body = each.read_bytes()
            found += [f"{each.name}: {mark!r}" for mark in PLANTED if mark in body]
    return found


def like(body: bytes, number: int) -> float:
    made = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert made is not None
    drawn = cv2.cvtColor(page(number, f"{MARK} page {number}"), cv2.COLOR_BGR2GRAY)
    one, other = (
        cv2.GaussianBlur(cv2.resize(each, (620, 877), interpolation=cv2.INTER_AREA), (0, 0), 1.5).astype(
            np.float32
        )
        for each in (made, drawn)
    )
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def pages_of(pdf: bytes) -> list[bytes]:
    """Each page's picture, as a file."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [_picture(shown) for shown in opened.pages]


def _picture(shown: Any) -> bytes:
    (image,) = shown.images.values()
    held = io.BytesIO()
    pikepdf.PdfImage(image).as_pil_image().convert("RGB").save(held, "PNG")
    return held.getvalue()


async def scan(house: House) -> dict[str, Any]:
    found = (await house.screen.state()).get("scan")
    return found if isinstance(found, dict) else {}


async def is_at(house: House, step: str, seconds: float = 30.0) -> None:
    async def there() -> object:
        return (await scan(house)).get("at") == step

    await until_async(there, seconds, f"the scan at {step}")


async def lay_films(house: House) -> None:
    """One page after another, each until it was taken; the last lies there a while longer, and is not taken twice."""
    for number in (1, 2, 3):

        async def taken(number: int = number) -> object:
            return (await scan(house)).get("pages") == number

        await house.screen._post("/lay", {"name": f"page-{number}.avi"})
        await until_async(taken, 60, f"page {number}")
    await house.screen._post("/lay", {"name": ""})


async def test_papers_under_the_camera_reach_their_teams_folder_and_nothing_stays(
    tmp_path: Path,
) -> None:
    house = House(tmp_path / "house")
    try:
        house.ground.letters.mkdir(parents=True)
        for number in (1, 2, 3):
            film(house.ground.letters / f"page-{number}.avi", number)
        await house.start()
        await _story(house, house.centre.handed_off)
    finally:
        house.end()


async def _story(house: House, teams: Path) -> None:
    screen = house.screen
    await screen.shows("start", page_camera="ready", seconds=30)
    for text in ("English", "Have papers scanned", "Council tax"):
        await screen.press(text)
    await screen.type(MARK)
    for text in ("Next", "Start"):
        await screen.press(text)
    await is_at(house, "plate")
    await lay_films(house)
    await screen.press("That is all")
    await is_at(house, "check")
    assert planted(house) == [], "before anything was sent"

    house.kill_server()
    await screen.press("Send")
    await is_at(house, "sent")
    said = await scan(house)
    assert not said["received"]
    assert planted(house) == []
    assert len(list(house.ground.kiosk.rglob("spool/*.age"))) == 1
    kill(house.centre.kiosk)
    assert planted(house) == [], "after kill -9"

    await house.start_server()
    house.centre.kiosk.start()
    await screen.shows("start", packets=0, seconds=60)
    note = await _note(teams)
    assert note["reference"].replace("-", "") == said["reference"]
    assert note["case"] == MARK
    assert planted(house) == []
    await asyncio.to_thread(_compare, teams, note)
    assert house.rows("SELECT count(*) FROM submission") == [(1,)]


async def _note(teams: Path) -> dict[str, Any]:
    found: list[Path] = []

    def there() -> object:
        found[:] = [each for each in teams.rglob("*.json") if each.is_file()]
        return found

    await until_async(there, 60, "a note in the team's folder")
    assert len(found) == 1
    told: dict[str, Any] = json.loads(found[0].read_text(encoding="utf-8"))
    told["folder"] = found[0].parent
    return told


def _compare(teams: Path, note: dict[str, Any]) -> None:
    (pdf,) = (each for each in note["folder"].iterdir() if each.suffix == ".pdf")
    made = pages_of(pdf.read_bytes())
    likeness = [[like(each, number) for number in (1, 2, 3)] for each in made]
    assert len(made) == 3
    assert all(row[at] > 0.85 and sorted(row)[-2] < 0.6 for at, row in enumerate(likeness)), likeness
