"""What visitors hand in: safe on the kiosk when they are told so, with the server exactly once, and nothing of it to be read on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import pyrage
import pytest

from kiosk import enrol
from kiosk.flow import events as e
from kiosk.handing_in import HandingIn
from kiosk.journal import DiskError, Journal
from kiosk.run import Runner
from kiosk.sealing import CannotSeal
from kiosk.sending import InVain, NotTaken, Sending, Taken
from kiosk.spool import Spool
from tests.kiosk.clockwork import DAY, HOUR, HandClocks
from tests.kiosk.desk import MARK, Desk, opened, papers
from tests.kiosk.flow.walking import york_house
from tests.kiosk.standin import StandIn, until
from tests.kiosk.visiting import *  # noqa: F403  # fixtures
from tests.kiosk.visiting import GoodPrinter, Visiting, running, settings_for
from wire.asks import Health, SetAside
from wire.device_asks import Use
from wire.vocabulary import UseEnd, UseKind, new_id


@pytest.fixture
def desk() -> Iterator[Desk]:
    with opened(Desk()) as up:
        yield up


@asynccontextmanager
async def station(
    desk: Desk, state: Path, clocks: HandClocks | None = None, server: StandIn | None = None
) -> AsyncIterator[Visiting]:
    """A kiosk whose feed tells it the desk's key. Without `server` its socket is down: handing in does not need it."""
    async with running(settings_for(server, state, desk.url), GoodPrinter(), clocks) as visitor:
        await until(lambda: visitor.runner.journal is not None and visitor.model.steady > 0)
        visitor.runner.handing_in.rows(desk.rows())
        yield visitor


def found(state: Path) -> list[str]:
    """Files in which the mark can be read."""
    return [str(file) for file in state.rglob("*") if file.is_file() and MARK.encode() in file.read_bytes()]


def lying(state: Path) -> list[str]:
    folder = state / "spool"
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


async def is_empty(visitor: Visiting, state: Path) -> None:
    await until(lambda: lying(state) == [] and visitor.runner.handing_in.held == 0)
    assert visitor.runner.journal is not None
    assert await visitor.runner.in_journal(lambda journal: journal.packets()) == set()


async def _later(visitor: Visiting, clocks: HandClocks, server: StandIn, milliseconds: int) -> None:
    """So much later, when the kiosk has heard it from the server too."""
    clocks.go(milliseconds)
    server.now = clocks.true
    await until(lambda: visitor.runner.moment().sure and visitor.runner.moment().now == clocks.true)


def _rows(runner: Runner, table: str) -> int:
    assert runner.journal is not None
    return int(runner.journal._one(f"SELECT count(*) AS n FROM {table}")["n"])


# Kept and sent -----------------------------------------------------------------------------------------------


async def test_what_is_handed_in_is_with_the_server_once_and_gone_from_the_kiosk(
    desk: Desk, tmp_path: Path
) -> None:
    async with station(desk, tmp_path) as visitor:
        heard: list[str] = []
        send = visitor.runner.send

        def listen(event: e.Event) -> None:
            heard.extend([event.packet] if isinstance(event, e.Received) else [])
            send(event)

        visitor.runner.send = listen  # type: ignore[method-assign]  # heard on its way
        packets = [papers(), papers(1), papers(30)]
        for packet in packets:
            await visitor.runner.handing_in.keep(packet)
            await visitor.runner.handing_in.keep(packet)  # a second finger
        await is_empty(visitor, tmp_path)
        assert desk.order == heard == [packet.manifest.id for packet in packets]
        assert [desk.packet(packet.manifest.id) for packet in packets] == packets
        assert found(tmp_path) == []
    assert found(tmp_path) == []


async def test_nothing_can_be_read_on_the_disk_while_it_waits_and_only_the_kiosks_account_may_try(
    desk: Desk, tmp_path: Path
) -> None:
    desk.does = lambda packet, tries: 503
    async with station(desk, tmp_path) as visitor:
        packet = papers()
        await visitor.runner.handing_in.keep(packet)
        await until(lambda: desk.tries.get(packet.manifest.id, 0) > 2)
        assert lying(tmp_path) == [f"{packet.manifest.id}.age"]
        assert found(tmp_path) == []
        file = tmp_path / "spool" / f"{packet.manifest.id}.age"
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert visitor.runner.handing_in.held == 1
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(file.read_bytes(), [pyrage.x25519.Identity.generate()])


@pytest.mark.parametrize("cut", ["cut", "cut_after"])
async def test_a_line_that_is_cut_before_or_after_the_server_has_it_delivers_it_once(
    desk: Desk, tmp_path: Path, cut: str
) -> None:
    desk.does = lambda packet, tries: cut if tries <= 3 else None  # type: ignore[assignment,return-value]  # one of the two
    async with station(desk, tmp_path) as visitor:
        packets = [papers(), papers(40)]
        for packet in packets:
            await visitor.runner.handing_in.keep(packet)
        await is_empty(visitor, tmp_path)
    assert sorted(desk.order) == sorted(packet.manifest.id for packet in packets)
    assert desk.other_bodies == []
    assert all(tries == 4 for tries in desk.tries.values())


async def test_it_goes_where_the_server_moved_to(desk: Desk, tmp_path: Path) -> None:
    with opened(Desk(desk.identity)) as moved:
        async with station(desk, tmp_path) as visitor:
            runner = visitor.runner
            await runner.handing_in.keep(papers())
            await is_empty(visitor, tmp_path)
            runner.settings = runner.settings.model_copy(update={"server": moved.url})
            await runner.handing_in.keep(papers())
            await is_empty(visitor, tmp_path)
        assert (len(desk.order), len(moved.order)) == (1, 1)


async def test_a_server_that_is_away_for_a_day_has_it_all_afterwards_and_knows_how_old_it_is(
    server: StandIn, tmp_path: Path
) -> None:
    clocks, away = HandClocks(), True
    with opened(Desk(does=lambda packet, tries: 503 if away else None)) as desk:
        server.rows = {**york_house(), **desk.rows()}  # type: ignore[dict-item]  # rows are rows
        packets = []
        async with station(desk, tmp_path, clocks, server) as visitor:
            for _ in range(3):
                packets.append(papers())
                await visitor.runner.handing_in.keep(packets[-1])
                await _later(visitor, clocks, server, HOUR)
            await _later(visitor, clocks, server, 20 * HOUR)
            await until(lambda: all(desk.tries.get(each.manifest.id, 0) > 3 for each in packets))
            health = await visitor.runner.reporting.health()
            assert (health.packets, health.packets_aside) == (3, 0)
            assert health.packets_age_ms == 23 * HOUR
            visitor.runner.reporting._news.set()  # as when the minute is over
            await until(lambda: any(isinstance(body, Health) and body.packets == 3 for body in server.asked))
        clocks.reboot(took=HOUR)
        server.now = clocks.true
        away = False
        async with station(desk, tmp_path, clocks, server) as visitor:
            await is_empty(visitor, tmp_path)
        assert desk.order[0] in [each.manifest.id for each in packets]
        assert {round(desk.ages[each.manifest.id] / HOUR) for each in packets} == {24, 23, 22}
        assert not any(isinstance(body, SetAside) for body in server.asked)


# A bad one among good ones --------------------------------------------------------------------------------------


async def test_one_that_is_refused_for_good_holds_nobody_up_is_told_and_is_taken_when_the_fault_is_mended(
    server: StandIn, tmp_path: Path
) -> None:
    clocks, mended = HandClocks(), False
    bad = papers()
    with opened(Desk()) as desk:
        desk.does = lambda packet, tries: 422 if packet == bad.manifest.id and not mended else None
        server.rows = {**york_house(), **desk.rows()}  # type: ignore[dict-item]  # rows are rows
        async with station(desk, tmp_path, clocks, server) as visitor:
            await visitor.runner.handing_in.keep(bad)
            good = [papers(), papers()]
            for packet in good:
                await visitor.runner.handing_in.keep(packet)
            await until(lambda: len(desk.order) == 2)
            await until(lambda: any(isinstance(body, SetAside) for body in server.asked))
            (told,) = [body for body in server.asked if isinstance(body, SetAside)]
            assert (told.what, told.code, told.service) == ("packet", bad.manifest.reference, "council-tax")
            assert told.why.startswith("The pages cannot be opened. It stays sealed on the kiosk for 30 days")
            await until(lambda: visitor.runner.handing_in.spooled.aside == 1)
            await until(lambda: visitor.runner.handing_in.held == 0)
            assert lying(tmp_path) == [f"{bad.manifest.id}.age"]
            tries = desk.tries[bad.manifest.id]
            visitor.runner.handing_in.wake()
            await visitor.runner.handing_in.keep(papers())
            await until(lambda: len(desk.order) == 3)
            assert desk.tries[bad.manifest.id] == tries, "not tried at every turn"
            clocks.go(DAY + 1)
            visitor.runner.handing_in.wake()
            await until(lambda: desk.tries[bad.manifest.id] == tries + 1)
            mended = True
            clocks.go(DAY + 1)
            visitor.runner.handing_in.wake()
            await is_empty(visitor, tmp_path)
        assert desk.packet(bad.manifest.id) == bad
        assert sum(isinstance(body, SetAside) for body in server.asked) == 1, "told once"


async def test_one_that_was_refused_is_thrown_away_after_a_month(desk: Desk, tmp_path: Path) -> None:
    clocks = HandClocks()
    desk.does = lambda packet, tries: 413
    async with station(desk, tmp_path, clocks) as visitor:
        await visitor.runner.handing_in.keep(papers())
        await until(lambda: visitor.runner.handing_in.spooled.aside == 1)
        await visitor.runner.in_journal(_leave_a_use_nobody_is_told_of)
        clocks.go(29 * DAY)
        visitor.runner.handing_in.wake()
        await until(lambda: max(desk.tries.values()) == 2)
        assert len(lying(tmp_path)) == 1
        left = await visitor.runner.in_journal(lambda journal: journal._all("SELECT id FROM use"))
        assert left == [], "what is old goes each day, not only at the start"
        clocks.go(DAY)
        visitor.runner.handing_in.wake()
        await is_empty(visitor, tmp_path)


async def test_a_day_on_which_the_disk_would_not_is_tried_again_in_an_hour_and_holds_nothing_up(
    desk: Desk, tmp_path: Path
) -> None:
    clocks = HandClocks()
    async with station(desk, tmp_path, clocks) as visitor:
        runner, handing_in = visitor.runner, visitor.runner.handing_in
        await handing_in._try_aside()
        await runner.in_journal(_leave_a_use_nobody_is_told_of)
        await runner.in_journal(
            lambda journal: journal._db.execute(
                "CREATE TRIGGER stuck BEFORE DELETE ON use BEGIN SELECT RAISE(ABORT, 'stuck'); END"
            )
        )
        clocks.go(DAY)
        await handing_in._try_aside()
        await runner.in_journal(lambda journal: journal._db.execute("DROP TRIGGER stuck"))
        await handing_in._try_aside()
        assert await runner.in_journal(lambda journal: journal._all("SELECT id FROM use")), (
            "not in the same hour"
        )
        clocks.go(3_600_000)
        await handing_in._try_aside()
        assert await runner.in_journal(lambda journal: journal._all("SELECT id FROM use")) == []


def _leave_a_use_nobody_is_told_of(journal: Journal) -> None:
    journal._db.execute(
        "INSERT INTO use (id, body, taken_at, sure, steady, boot, wall) VALUES ('u', '{}', 0, 1, 0, '', 0)"
    )


async def test_one_over_which_the_server_stumbles_is_set_aside_only_when_others_are_taken(
    desk: Desk, tmp_path: Path
) -> None:
    bad = papers()
    desk.does = lambda packet, tries: 500 if packet == bad.manifest.id else None
    async with station(desk, tmp_path) as visitor:
        await visitor.runner.handing_in.keep(bad)
        await until(lambda: desk.tries.get(bad.manifest.id, 0) >= 14)
        assert visitor.runner.handing_in.spooled.aside == 0, "alone it may be the server's trouble"
        await visitor.runner.handing_in.keep(papers())
        await until(lambda: visitor.runner.handing_in.spooled.aside == 1)
        assert len(desk.order) == 1


async def test_a_kiosk_the_server_does_not_know_any_more_keeps_what_it_has(
    desk: Desk, tmp_path: Path
) -> None:
    desk.token = "another"
    async with station(desk, tmp_path) as visitor:
        packet = papers()
        await visitor.runner.handing_in.keep(packet)
        await until(lambda: desk.tries.get(packet.manifest.id, 0) > 12)
        assert visitor.runner.handing_in.spooled.aside == 0
    desk.token = "new"
    enrol.keep(tmp_path, enrol.Paired("new", "k2", "york-house"))
    async with running(
        settings_for(None, tmp_path, desk.url), GoodPrinter(), paired=("new", "k2", "york-house")
    ) as visitor:
        await is_empty(visitor, tmp_path)
    assert desk.order == [packet.manifest.id]


# Pulled plugs and full disks --------------------------------------------------------------------------------------


async def test_what_was_cut_off_between_file_and_journal_is_found_at_start(
    desk: Desk, tmp_path: Path
) -> None:
    """Before its row was written, after its row was gone, and in the middle of its file."""
    clocks = HandClocks()
    desk.does = lambda packet, tries: 503
    packets = [papers(), papers()]
    async with station(desk, tmp_path, clocks) as visitor:
        for packet in packets:
            await visitor.runner.handing_in.keep(packet)
    before, after = (packet.manifest.id for packet in packets)
    desk.bodies[after] = (tmp_path / "spool" / f"{after}.age").read_bytes()
    desk.order.append(after)  # the server had it; only the file was left
    runner = Runner(settings_for(None, tmp_path, desk.url), GoodPrinter(), WORDS, clocks=clocks)  # noqa: F405  # with the fixtures
    await runner._open_journal()
    assert runner.journal is not None
    with runner.journal._change() as db:
        db.execute("DELETE FROM packet")
    runner.journal.close()
    (tmp_path / "spool" / f"{new_id()}.part").write_bytes(b"half")
    desk.does = lambda packet, tries: None
    async with station(desk, tmp_path, clocks) as visitor:
        await is_empty(visitor, tmp_path)
    assert sorted(desk.order) == sorted([before, after])
    assert desk.other_bodies == []


async def test_a_file_that_is_gone_is_told_to_staff_and_holds_nobody_up(
    server: StandIn, tmp_path: Path
) -> None:
    with opened(Desk(does=lambda packet, tries: 503)) as desk:
        lost, good = papers(), papers()
        async with station(desk, tmp_path) as visitor:
            await visitor.runner.handing_in.keep(lost)
            await visitor.runner.handing_in.keep(good)
        (tmp_path / "spool" / f"{lost.manifest.id}.age").unlink()
        desk.does = lambda packet, tries: None
        async with station(desk, tmp_path, server=server):
            await until(lambda: desk.order == [good.manifest.id])
            await until(lambda: any(isinstance(body, SetAside) for body in server.asked))
        (told,) = [body for body in server.asked if isinstance(body, SetAside)]
        assert told.why == "Its file is not on the kiosk's disk any more."


async def test_a_full_disk_keeps_nothing_says_so_and_leaves_room_for_tickets(
    desk: Desk, tmp_path: Path
) -> None:
    async with station(desk, tmp_path) as visitor:
        handing_in: HandingIn = visitor.runner.handing_in
        room = handing_in.spool
        handing_in.spool = Spool(room.folder, reserve=1 << 60)
        packet = papers()
        with pytest.raises(DiskError, match="the disk is full") as trouble:
            await handing_in.keep(packet)
        assert trouble.value.full is True
        assert lying(tmp_path) == []
        assert handing_in.held == 0
        handing_in.spool = room
        await handing_in.keep(packet)  # the same pages, once there is room
        await is_empty(visitor, tmp_path)
    assert desk.packet(packet.manifest.id) == packet


def test_a_disk_that_fills_up_in_the_middle_has_nothing_of_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", reserve=0)

    def write(file: BinaryIO) -> None:
        file.write(b"x" * 3_000_000)
        assert lying(tmp_path) != [], "it was begun"
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskError, match="the disk is full"):
        spool.keep(new_id(), 100, write)
    assert lying(tmp_path) == []


async def test_a_journal_that_cannot_write_it_down_leaves_no_file_behind(desk: Desk, tmp_path: Path) -> None:
    desk.does = lambda packet, tries: 503
    async with station(desk, tmp_path) as visitor:

        def fill(journal: Journal) -> None:
            pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
            journal._db.execute(f"PRAGMA max_page_count={pages}").fetchall()
            for _ in range(2000):
                journal.add_packet(new_id(), "BCDF3467", "council-tax")

        with pytest.raises(DiskError, match="full"):
            await visitor.runner.in_journal(fill)
        with pytest.raises(DiskError, match="full"):
            await visitor.runner.handing_in.keep(papers())
        assert lying(tmp_path) == []


@pytest.mark.parametrize("keys", [[], ["age1nonsense"]])
async def test_without_a_key_that_can_be_sealed_to_nothing_is_kept(
    desk: Desk, tmp_path: Path, keys: list[str]
) -> None:
    async with station(desk, tmp_path) as visitor:
        handing_in = visitor.runner.handing_in
        ready = [handing_in.ready]
        handing_in.rows({"hand_in": {"kind": "hand_in", "recipients": keys}})
        ready.append(handing_in.ready)
        assert ready == [True, False]
        with pytest.raises(CannotSeal):
            await visitor.runner.handing_in.keep(papers())
        assert lying(tmp_path) == []
        assert found(tmp_path) == []


async def test_a_visitor_who_walks_away_while_it_is_kept_has_handed_it_in(desk: Desk, tmp_path: Path) -> None:
    async with station(desk, tmp_path) as visitor:
        packet = papers(40, 400_000)
        keeping = asyncio.create_task(visitor.runner.handing_in.keep(packet))
        await asyncio.sleep(0)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await until(lambda: desk.order == [packet.manifest.id], 20)
        await is_empty(visitor, tmp_path)


# One try ----------------------------------------------------------------------------------------------------


def try_once(desk: Desk, path: Path, token: str = "right") -> Taken | NotTaken | InVain:
    with path.open("rb") as body:
        return Sending(desk.url).send("ab" * 16, body, path.stat().st_size, token, 5)


def test_a_server_that_says_no_before_it_has_read_everything_is_heard(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "sealed"
    file.write_bytes(b"x" * 30_000_000)
    desk.does = lambda packet, tries: "early"
    assert try_once(desk, file) == NotTaken("The pages cannot be opened.")


@pytest.mark.parametrize(
    ("status", "for_good"),
    [(422, True), (404, False), (502, False), (429, False), (500, False), (507, False)],
)
def test_only_what_is_said_about_the_packet_is_for_good(
    desk: Desk, tmp_path: Path, status: int, for_good: bool
) -> None:
    file = tmp_path / "sealed"
    file.write_bytes(b"x" * 1000)
    desk.does = lambda packet, tries: status
    assert isinstance(try_once(desk, file), NotTaken) is for_good
    assert isinstance(try_once(desk, file, "wrong"), InVain)


def test_no_server_at_all_is_in_vain(tmp_path: Path) -> None:
    file = tmp_path / "sealed"
    file.write_bytes(b"x")
    with opened(Desk()) as desk:
        pass
    outcome = try_once(desk, file)
    assert isinstance(outcome, InVain)
    assert not outcome.answered


# Uses -----------------------------------------------------------------------------------------------------------


async def test_a_use_is_told_when_there_is_a_line_with_how_long_ago_it_was(
    server: StandIn, tmp_path: Path
) -> None:
    clocks = HandClocks()
    use = Use(use=new_id(), kind=UseKind.SCAN, slug="housing", ended=UseEnd.DONE, seconds=90, pages=3)
    with opened(Desk()) as desk:
        async with station(desk, tmp_path, clocks) as visitor:
            await visitor.runner.tell_use(use)
            await visitor.runner.tell_use(use)
        clocks.go(3_600_000)
        server.now = clocks.true
        async with station(desk, tmp_path, clocks, server) as visitor:
            await until(lambda: any(isinstance(body, Use) for body in server.asked))
            (told,) = [body for body in server.asked if isinstance(body, Use)]
            assert told == use.model_copy(update={"age_ms": told.age_ms})
            assert round(told.age_ms / HOUR, 2) == 1
            await until(lambda: _rows(visitor.runner, "use") == 0)
