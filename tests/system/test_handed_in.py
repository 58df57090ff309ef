"""A kiosk and a server, both real: what is handed in arrives whole and once, is counted, and leaves nothing on the kiosk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from sqlmodel import col, select

from kiosk.config import Settings
from server.domain.access import SYSTEM
from server.store.tables import Centre, Document, SelfServiceUse, Submission
from server.store.tx import Tx
from server.web.taking_in import open_document, open_facts
from tests.kiosk.standin import until
from tests.kiosk.test_handing_in import is_empty, lying
from tests.kiosk.visiting import GoodPrinter, running
from tests.server.web.rehearsal import TOKENS, Served, serving
from tests.support.packets import packet_of, picture
from wire.device_asks import Use
from wire.packets import Packet
from wire.vocabulary import DeviceKind, UseEnd, UseKind, new_id

MARK = "Zanzibar-Marmalade"
PURPOSES = [{"slug": "housing", "names": {"en": "Housing"}, "team": "lettings"}]


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    with serving(sqlite_url, paper_keys=tmp_path / "papers.key") as up:

        def plan(tx: Tx) -> None:
            centre = tx.session().get_one(Centre, up.ids.centre)
            centre.extra = {**centre.extra, "purposes": PURPOSES}

        up.run(up.house.change(SYSTEM, "plan", plan))
        yield up


def papers(pages: int) -> Packet:
    shown = [picture(f"{MARK} {number}") for number in range(1, pages + 1)]
    return packet_of(shown, what="housing", case=MARK)


def found(state: Path) -> list[str]:
    return [str(each) for each in state.rglob("*") if each.is_file() and MARK.encode() in each.read_bytes()]


async def test_what_is_handed_in_is_with_the_house_whole_and_once(served: Served, tmp_path: Path) -> None:
    state = tmp_path / "state"
    paired = (TOKENS[DeviceKind.KIOSK], str(served.ids.devices[DeviceKind.KIOSK]), "york-house")
    packets = [papers(3), papers(1)]
    use = Use(use=new_id(), kind=UseKind.SCAN, slug="housing", ended=UseEnd.DONE, pages=3, seconds=95)
    async with running(Settings(server=served.url, state=state), GoodPrinter(), paired=paired) as visitor:
        handing_in = visitor.runner.handing_in
        await until(lambda: handing_in.ready, 20)  # the feed has told whom to seal to
        for packet in packets:
            await handing_in.keep(packet)
            assert found(state) == []
        await visitor.runner.tell_use(use)
        await is_empty(visitor, state)
        own = {
            "hand_in": {"kind": "hand_in", "recipients": [str(pyrage.x25519.Identity.generate().to_public())]}
        }
        foreign = papers(1)
        handing_in.rows(own)
        await handing_in.keep(foreign)
        await until(lambda: "another house's key" in handing_in.trouble, 20)
        assert lying(state) == [f"{foreign.manifest.id}.age"], "the right key may come back"
        await until(lambda: _count(served, SelfServiceUse) == 1, 20)
    assert found(state) == []
    assert _count(served, Submission) == 2
    for packet in packets:
        facts = await asyncio.to_thread(served.run, open_facts(served.house, packet.manifest.id))
        assert facts.case == MARK
        (document,) = _documents(served, packet)
        pdf = await asyncio.to_thread(served.run, open_document(served.house, document.id))
        assert all(packet.files[name] in pdf for name in packet.files), "the very bytes of each page"


def _count(served: Served, table: type) -> int:
    return len(served.run(served.house.read(lambda session: list(session.exec(select(table)).all()))))


def _documents(served: Served, packet: Packet) -> list[Document]:
    wanted = select(Document).where(col(Document.submission_id) == packet.manifest.id)
    return served.run(served.house.read(lambda session: list(session.exec(wanted))))
