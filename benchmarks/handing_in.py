"""Whether the queue notices that papers are being taken in: *call next* with and without it, in one run, and how long taking in takes.

Eight counters call, serve and call again at a busy hall's pace through a real server, first in peace, then while submissions of three pages come one
after the other (as five stations would send them), then while one of a hundred pages comes. Pages are photographs of 200 dots an inch with grain in
them, some 500 KB each, sealed as a kiosk seals them. The server's usual background work (making them searchable) is on, at its lowest priority.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import random
import secrets
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import pyrage
import uvloop
from PIL import Image, ImageDraw, ImageFont

from benchmarks.centre import build
from benchmarks.load import SERVICES, Client, issue
from benchmarks.process import run_program, serving
from benchmarks.speed import Bench
from benchmarks.talk import bearer, cookie
from wire.packets import Manifest, Packet, ScannedPaper, file_of, write_packet
from wire.references import new_reference
from wire.vocabulary import HandedIn, new_id

COUNTERS = 8
PAUSE = (0.02, 0.18)
"""Seconds between two calls of one counter: fifty calls a second in the hall."""
SMALL, LARGE = 3, 100
WAITING = 60


def rows(bench: Bench) -> None:
    built = build(bench.folder / "handing-in.db", kiosks=2, counters=COUNTERS)
    keys = bench.folder / "papers.key"
    os.environ["FOYER_PAPER_KEYS"] = str(keys)
    try:
        with serving(built.url) as server:
            recipient = _recipient(built.path)
            page = a_page(random.Random(5))
            few = [_packet(bench.folder, page, SMALL, recipient) for _ in range(bench.count(40))]
            many = _packet(bench.folder, page, SMALL if bench.quick else LARGE, recipient)
            order = {
                "port": server.port,
                "sessions": built.sessions,
                "kiosk": {"letter": built.kiosks[0].letter, "token": built.kiosks[0].token},
                "station": built.kiosks[1].token,
                "seconds": bench.seconds(8.0),
                "few": few,
                "many": many,
            }
            told = run_program("benchmarks.handing_in", order, seconds=600)
    finally:
        del os.environ["FOYER_PAPER_KEYS"]
    bench.values.update({f"hand_in_{name}": value for name, value in told.items()})


def a_page(chance: random.Random) -> bytes:
    """A letter as a station makes it: A4 at 200 dots an inch, with the grain of a camera."""
    page = Image.effect_noise((1654, 2339), 14).convert("RGB")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(34)
    for line in range(40):
        words = " ".join(
            chance.choice(("council", "tax", "letter", "please", "bring", "rent", "2026")) for _ in range(9)
        )
        draw.text((150, 140 + line * 52), words, fill="black", font=font)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80, dpi=(200, 200))
    return out.getvalue()


def _packet(folder: Path, page: bytes, pages: int, recipient: str) -> dict[str, str]:
    names = [f"page-{number}.jpg" for number in range(pages)]
    manifest = Manifest(
        id=new_id(),
        kind=HandedIn.PAPERS,
        reference=new_reference(secrets.choice),
        what="housing",
        papers=(ScannedPaper(pages=tuple(names)),),
        files=tuple(file_of(name, "image/jpeg", page) for name in names),
    )
    clear = write_packet(Packet(manifest, dict.fromkeys(names, page)))
    file = folder / f"{manifest.id}.age"
    file.write_bytes(pyrage.encrypt(clear, [pyrage.x25519.Recipient.from_str(recipient)]))
    return {"id": manifest.id, "file": str(file)}


def _recipient(database: Path) -> str:
    """The server writes down what to seal to at its start."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        while not (
            found := connection.execute("SELECT secret FROM house_key WHERE name = 'papers'").fetchone()
        ):
            time.sleep(0.05)
    return str(found[0])


# The program that loads ---------------------------------------------------------------------------------------------------


class Hall:
    """Counters that call and serve, each at its own pace, and somebody who takes a ticket for each that was called."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order, self.number = order, 0
        self.counters = [Client() for _ in order["sessions"]]
        self.kiosk, self.turn = Client(), asyncio.Lock()
        self.chance = random.Random(3)

    async def open(self) -> None:
        port = self.order["port"]
        for client, (key, desk) in zip(self.counters, self.order["sessions"], strict=True):
            await client.open(port, "/ws/staff", cookie(key))
            await client.ask(json.dumps({"do": "sit_down", "counter": desk, "services": SERVICES}))
        await self.kiosk.open(port, "/ws/device", bearer(self.order["kiosk"]["token"]))
        for _ in range(WAITING):
            await self.issue()

    async def issue(self) -> None:
        async with self.turn:
            self.number += 1
            await self.kiosk.ask(issue(self.order["kiosk"]["letter"], self.number, SERVICES[self.number % 4]))

    async def work(self, over: asyncio.Event) -> list[float]:
        """How long each *call next* took until `over`, in order."""
        took: list[float] = []
        await asyncio.gather(*(self._one(client, over, took) for client in self.counters))
        return sorted(took)

    async def _one(self, client: Client, over: asyncio.Event, took: list[float]) -> None:
        while not over.is_set():
            began = time.perf_counter()
            answer = await client.ask('{"do":"call_next"}')
            took.append(time.perf_counter() - began)
            ticket = json.loads(answer)["result"]["ticket"]
            await client.ask(f'{{"do":"arrive","ticket":"{ticket}"}}')
            await client.ask(f'{{"do":"finish","ticket":"{ticket}","outcome":"resolved"}}')
            await self.issue()
            await asyncio.sleep(self.chance.uniform(*PAUSE))


async def load(order: dict[str, Any]) -> dict[str, float]:
    hall = Hall(order)
    await hall.open()
    calm, _ = await _while(hall, asyncio.sleep(order["seconds"]))
    few, took = await _while(hall, _all(order, order["few"]))
    many, whole = await _while(hall, _all(order, [order["many"]]))
    took.sort()
    return {
        "call_p95_ms_calm": p95(calm),
        "call_p95_ms_3_pages": p95(few),
        "call_p95_ms_100_pages": p95(many),
        "call_worst_ms_100_pages": 1000 * many[-1],
        "3_pages_ms": 1000 * took[len(took) // 2],
        "100_pages_s": whole[0],
    }


def p95(took: list[float]) -> float:
    return 1000 * took[int(len(took) * 0.95)]


async def _while(hall: Hall, doing: Any) -> tuple[list[float], list[float]]:
    over = asyncio.Event()
    work = asyncio.create_task(hall.work(over))
    done = await doing
    over.set()
    return await work, done or []


async def _all(order: dict[str, Any], packets: list[dict[str, str]]) -> list[float]:
    return [await asyncio.to_thread(_put, order, packet) for packet in packets]


def _put(order: dict[str, Any], packet: dict[str, str]) -> float:
    body = Path(packet["file"]).read_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=300)
    began = time.perf_counter()
    connection.request(
        "PUT", f"/api/packets/{packet['id']}", body, {"Authorization": f"Bearer {order['station']}"}
    )
    answer = connection.getresponse()
    told = answer.read()
    took = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        sys.exit(f"refused: {told.decode()}")
    return took


def main() -> None:
    if sys.stdin.isatty():
        sys.exit("Run it by: python -m benchmarks --only handing_in")
    print(json.dumps(uvloop.run(load(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
