"""The server is killed while it takes in papers: sent again they are there once and whole, and what was left over goes."""

import io
import sqlite3
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
from PIL import Image
from sqlalchemy.engine import make_url

from server.clock import Clock
from server.edge import House
from server.jobs.deleting import delete_due
from server.papers.keyring import open_keyring
from server.settings import Settings
from server.store.database import open_database
from tests.server.web.rehearsal import TOKENS, set_up
from tests.support.house import HandClock
from tests.support.packets import packet_of, sealed
from tests.support.ports import free_port
from tests.support.processes import Child, Start
from tests.support.waiting import until
from wire.vocabulary import DeviceKind


def grain() -> bytes:
    """A picture that does not pack: pieces enough to be killed among."""
    out = io.BytesIO()
    Image.effect_noise((2000, 2600), 90).save(out, "JPEG", quality=95)
    return out.getvalue()


def count(path: str, table: str) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as connection:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


OF_NO_DOCUMENT = "piece WHERE document_id NOT IN (SELECT id FROM document)"
OF_A_DOCUMENT = "piece WHERE document_id IN (SELECT id FROM document)"


def put(port: int, packet: str, body: bytes) -> int:
    """The answer's status; 0 when the server hung up."""
    try:
        answer = httpx.put(
            f"http://127.0.0.1:{port}/api/packets/{packet}",
            content=body,
            headers={"Authorization": f"Bearer {TOKENS[DeviceKind.KIOSK]}"},
            timeout=60,
        )
    except httpx.TransportError:
        return 0
    return answer.status_code


def is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


async def sweep_two_hours_later(url: str, keys: Path) -> None:
    database = open_database(url)
    clock = HandClock(Clock().now() + timedelta(hours=2))
    house = House(Settings(database=url, paper_keys=keys), database, clock)
    await house.start()
    try:
        await delete_due(house)
    finally:
        await house.stop()
        database.close()


async def test_killed_in_the_middle_it_is_taken_in_once(
    sqlite_url: str, tmp_path: Path, start_process: Start
) -> None:
    database = open_database(sqlite_url)
    with database.writing() as session:
        set_up(session, Clock().now())
    database.close()
    keys, path, port = tmp_path / "papers.key", make_url(sqlite_url).database or "", free_port()
    packet = packet_of([grain()] * 4)
    body = sealed(packet, open_keyring(keys).recipients)
    settings = {
        "FOYER_DATABASE": sqlite_url,
        "FOYER_DATA": str(tmp_path),
        "FOYER_PAPER_KEYS": str(keys),
        "FOYER_PORT": str(port),
        "FOYER_SECURE_COOKIES": "false",
    }

    def start() -> Child:
        child = start_process("-c", "from server.cli import main; main()", "serve", env=settings)
        until(partial(is_up, port), 30, "the server's start")
        return child

    first = start()
    statuses: list[int] = []
    sending = threading.Thread(target=lambda: statuses.append(put(port, packet.manifest.id, body)))
    sending.start()
    until(lambda: count(path, "piece") >= 2, 30, "the first pieces")
    first.kill()
    sending.join()
    assert statuses == [0]
    assert count(path, "submission") == 0
    second = start()
    assert [put(port, packet.manifest.id, body) for _ in range(2)] == [200, 200]
    second.end()
    assert count(path, "submission") == count(path, "document") == 1
    # Only now: what a killed server wrote last is seen once another has put the database right.
    left_over, whole = count(path, OF_NO_DOCUMENT), count(path, OF_A_DOCUMENT)
    assert whole > left_over >= 2
    await sweep_two_hours_later(sqlite_url, keys)
    assert count(path, OF_NO_DOCUMENT) == 0
    assert count(path, OF_A_DOCUMENT) == whole
