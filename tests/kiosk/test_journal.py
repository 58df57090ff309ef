"""What the journal gives out, keeps, hands over and forgets."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk.clocks import Told
from kiosk.journal import DiskError, Held, Journal, Order, Verdict
from tests.kiosk.clockwork import DAY, HOUR, HandClocks
from wire.asks import Issue, Paper, SetAside
from wire.vocabulary import Language, PaperState

ORDER = Order("K", "Europe/London", "council-tax", Language.GU)


@pytest.fixture
def clocks() -> HandClocks:
    return HandClocks()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(file: Path, clocks: HandClocks) -> Iterator[Journal]:
    opened = Journal(file, clocks)
    yield opened
    opened.close()


def tell(journal: Journal, clocks: HandClocks) -> None:
    journal.tell(Told(clocks.true, clocks.steady(), clocks.boot, clocks.wall()))


def hand_over(journal: Journal) -> list[Held]:
    """All that is held, taken by a server that takes everything."""
    taken = []
    while (held := journal.next_held()) is not None:
        taken.append(held)
        journal.settle(held, Verdict.DONE)
    return taken


def issue_of(held: Held | None) -> Issue:
    assert held is not None
    assert isinstance(held.body, Issue)
    return held.body


def again(file: Path, clocks: HandClocks, journal: Journal) -> Journal:
    journal.close()
    return Journal(file, clocks)


# Numbers ----------------------------------------------------------------------------------------------------


def test_numbers_follow_each_other_over_restarts(file: Path, clocks: HandClocks, journal: Journal) -> None:
    codes = [journal.take(ORDER).code for _ in range(3)]
    journal = again(file, clocks, journal)
    codes += [journal.take(ORDER).code for _ in range(2)]
    journal.close()
    assert codes == ["K01", "K02", "K03", "K04", "K05"]


def test_a_new_day_begins_at_one_when_the_days_are_sure(journal: Journal, clocks: HandClocks) -> None:
    tell(journal, clocks)
    journal.take(ORDER)
    clocks.go(DAY)
    assert journal.take(ORDER).code == "K01"


def test_midnight_is_the_centres_and_not_utc(journal: Journal, clocks: HandClocks) -> None:
    clocks.true = 1_782_944_700_000  # 2026-07-01 22:25 UTC: 23:25 in Leicester
    clocks.booted = clocks.true - HOUR
    tell(journal, clocks)
    assert [journal.take(ORDER).code, journal.take(ORDER).code] == ["K01", "K02"]
    clocks.go(HOUR)  # 00:25 there, 23:25 UTC
    assert journal.take(ORDER).code == "K01"


@pytest.mark.parametrize("off", [-3 * 365 * DAY, -DAY, DAY, 9 * 365 * DAY])
def test_a_calendar_that_jumps_never_gives_a_code_twice(
    file: Path, journal: Journal, clocks: HandClocks, off: int
) -> None:
    codes = [journal.take(ORDER).code for _ in range(3)]
    clocks.reboot(off=off)
    journal = again(file, clocks, journal)
    codes += [journal.take(ORDER).code for _ in range(3)]
    clocks.off = 0
    codes += [journal.take(ORDER).code for _ in range(3)]
    journal.close()
    assert len(set(codes)) == 9


def test_a_lost_journal_goes_on_from_what_the_server_knows(journal: Journal, clocks: HandClocks) -> None:
    tell(journal, clocks)
    known = Order("K", "Europe/London", "council-tax", Language.GU, known=(date(2026, 11, 24), 57))
    assert journal.take(known).code == "K58"


def test_two_letters_are_numbered_apart(journal: Journal) -> None:
    other = Order("M", "Europe/London", "council-tax", Language.EN)
    assert [journal.take(order).code for order in (ORDER, other, ORDER)] == ["K01", "M01", "K02"]


# Handing over -----------------------------------------------------------------------------------------------


def test_entries_are_handed_over_in_order_each_under_one_id(
    file: Path, clocks: HandClocks, journal: Journal
) -> None:
    given = [journal.take(ORDER) for _ in range(5)]
    first = journal.next_held()
    journal = again(file, clocks, journal)
    second = journal.next_held()
    assert first is not None
    assert second is not None
    assert (second.ask, second.tries) == (first.ask, 2)
    assert issue_of(first).fingerprint() == issue_of(second).fingerprint()
    assert [issue_of(held).ticket for held in hand_over(journal)] == [each.ticket for each in given]
    assert journal.held() == 0
    journal.close()


def test_the_server_learns_only_the_hash_of_the_secret(journal: Journal) -> None:
    import hashlib

    given = journal.take(ORDER)
    issue = issue_of(journal.next_held())
    assert issue.follow_hash == hashlib.sha256(given.secret.encode()).hexdigest()
    assert given.secret not in issue.model_dump_json()


def test_the_age_is_told_as_of_each_try(journal: Journal, clocks: HandClocks) -> None:
    journal.take(ORDER)
    clocks.go(1_000)
    assert issue_of(journal.next_held()).age_ms == 1_000
    clocks.go(3 * DAY)
    assert issue_of(journal.next_held()).age_ms == 3 * DAY + 1_000


def test_days_without_the_server_then_everything_in_order(
    file: Path, clocks: HandClocks, journal: Journal
) -> None:
    tell(journal, clocks)
    given = []
    for day in range(4):
        for _ in range(10):
            given.append(journal.take(ORDER))
            clocks.go(60_000)
        clocks.go(DAY - 600_000)
        if day == 1:
            clocks.reboot(took=0)
            journal = again(file, clocks, journal)
    tell(journal, clocks)
    told = [issue_of(held) for held in hand_over(journal)]
    assert [issue.ticket for issue in told] == [each.ticket for each in given]
    arrived = [clocks.true - issue.age_ms for issue in told]
    assert arrived == [each.taken_at for each in given]
    days = [(at // DAY, issue.code) for at, issue in zip(arrived, told, strict=True)]
    assert len(set(days)) == 40
    journal.close()


def test_a_refused_entry_is_set_aside_told_to_staff_and_holds_nobody_up(journal: Journal) -> None:
    first, second = journal.take(ORDER), journal.take(ORDER)
    held = journal.next_held()
    assert held is not None
    journal.settle(held, Verdict.SET_ASIDE, "unknown: no such service")
    rest = [held.body for held in hand_over(journal)]
    assert [type(body) for body in rest] == [Issue, SetAside]
    assert rest[0].ticket == second.ticket  # type: ignore[union-attr]  # an issue, as asserted before
    assert rest[1] == SetAside(
        entry=first.ticket, code=first.code, service="council-tax", why="unknown: no such service"
    )
    assert (journal.held(), journal.set_aside()) == (0, 1)


def spoil(file: Path, sql: str) -> None:
    with sqlite3.connect(file) as other:
        other.execute(sql)
    other.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ticket SET service = 'NO SLUG ' || char(8238) WHERE code = 'K01'",
        "UPDATE ticket SET language = 'xx' WHERE code = 'K01'",
        "UPDATE ticket SET follow_hash = '' WHERE code = 'K01'",
        "UPDATE ticket SET visit = 'x', paper = 'eaten' WHERE code = 'K01'",
    ],
)
def test_a_poisoned_entry_is_set_aside_and_the_rest_flow(
    file: Path, clocks: HandClocks, journal: Journal, sql: str
) -> None:
    given = [journal.take(ORDER) for _ in range(3)]
    journal.close()
    spoil(file, sql)
    journal = Journal(file, clocks)
    bodies = [held.body for held in hand_over(journal)]
    assert [body.ticket for body in bodies if isinstance(body, Issue)] == [each.ticket for each in given[1:]]
    assert [body.code for body in bodies if isinstance(body, SetAside)] == ["K01"]
    journal.close()


def test_one_that_stepped_back_goes_after_the_others(journal: Journal) -> None:
    given = [journal.take(ORDER) for _ in range(3)]
    held = journal.next_held()
    assert held is not None
    journal.settle(held, Verdict.STEP_BACK)
    bodies = hand_over(journal)
    assert [issue_of(each).ticket for each in bodies] == [given[number].ticket for number in (1, 2, 0)]
    assert bodies[-1].others_taken == 2


# Paper ------------------------------------------------------------------------------------------------------


def test_paper_known_before_the_hand_over_goes_with_it(journal: Journal) -> None:
    given = journal.take(ORDER)
    journal.paper(given.ticket, PaperState.CONFIRMED)
    bodies = [held.body for held in hand_over(journal)]
    assert len(bodies) == 1
    assert issue_of(Held("", bodies[0], 1, 0)).paper is PaperState.CONFIRMED


def test_paper_known_after_the_hand_over_follows(journal: Journal) -> None:
    given = journal.take(ORDER)
    hand_over(journal)
    journal.paper(given.ticket, PaperState.SENT)
    journal.paper(given.ticket, PaperState.CONFIRMED, 1)
    assert [held.body for held in hand_over(journal)] == [
        Paper(ticket=given.ticket, paper=PaperState.CONFIRMED, copies=1)
    ]


def test_paper_learnt_while_the_hand_over_is_on_its_way_follows(journal: Journal) -> None:
    given = journal.take(ORDER)
    held = journal.next_held()
    assert held is not None
    journal.paper(given.ticket, PaperState.CONFIRMED)
    journal.settle(held, Verdict.DONE)
    assert [each.body for each in hand_over(journal)] == [
        Paper(ticket=given.ticket, paper=PaperState.CONFIRMED)
    ]


def test_paper_told_by_a_retry_whose_first_try_had_arrived_is_told_again(journal: Journal) -> None:
    """The server keeps the first try's word; the retry's newer one would be lost."""
    given = journal.take(ORDER)
    journal.next_held()
    journal.paper(given.ticket, PaperState.CONFIRMED)
    held = journal.next_held()
    assert held is not None
    journal.settle(held, Verdict.DONE)
    assert [type(each.body) for each in hand_over(journal)] == [Paper]


@pytest.mark.parametrize("paper", [PaperState.RESERVED, PaperState.SENT, PaperState.UNKNOWN])
def test_power_cut_before_confirmed_leaves_the_ticket_in_doubt(
    file: Path, clocks: HandClocks, journal: Journal, paper: PaperState
) -> None:
    given = journal.take(ORDER)
    journal.paper(given.ticket, paper)
    clocks.reboot(took=60_000)
    journal = again(file, clocks, journal)
    doubt = journal.in_doubt(180_000)
    assert doubt is not None
    assert (doubt.ticket, doubt.secret, doubt.paper, doubt.language) == (
        given.ticket, given.secret, paper, Language.GU,
    )  # fmt: skip
    journal.close()


@pytest.mark.parametrize(("paper", "took"), [(PaperState.CONFIRMED, 10_000), (PaperState.SENT, 10 * 60_000)])
def test_nobody_is_asked_when_it_is_known_or_long_ago(
    file: Path, clocks: HandClocks, journal: Journal, paper: PaperState, took: int
) -> None:
    given = journal.take(ORDER)
    journal.paper(given.ticket, paper)
    clocks.reboot(took=took)
    journal = again(file, clocks, journal)
    assert journal.in_doubt(180_000) is None
    wanted = PaperState.CONFIRMED if paper is PaperState.CONFIRMED else PaperState.UNKNOWN
    assert issue_of(journal.next_held()).paper is wanted
    journal.close()


# Forgetting -------------------------------------------------------------------------------------------------


def everything_on_disk(file: Path) -> bytes:
    return b"".join(part.read_bytes() for part in file.parent.iterdir() if part.is_file())


@pytest.mark.parametrize("order", ["handed first", "gone first", "set aside"])
def test_after_the_visit_no_byte_of_it_is_in_any_file(
    file: Path, clocks: HandClocks, journal: Journal, order: str
) -> None:
    private = Order("K", "Europe/London", "listening-room", Language.UR, discreet=True)
    given = journal.take(private)
    journal.paper(given.ticket, PaperState.CONFIRMED)
    issue = issue_of(journal.next_held())
    needles = [given.secret.encode(), issue.follow_hash.encode(), b"listening-room"]
    if order == "gone first":
        journal.forget(given.ticket)
        journal.scrub()
        assert given.secret.encode() not in everything_on_disk(file)
    raw = everything_on_disk(file)
    assert needles[1] in raw
    assert needles[2] in raw
    if order == "set aside":
        held = journal.next_held()
        assert held is not None
        journal.settle(held, Verdict.SET_ASIDE, "unknown")
    hand_over(journal)
    if order != "gone first":
        journal.forget(given.ticket)
    journal.scrub()
    raw = everything_on_disk(file)
    assert [needle for needle in needles if needle in raw] == []
    kept = journal._all("SELECT language, discreet, code FROM ticket")
    assert [tuple(row) for row in kept] == [("", 0, given.code)]
    journal.close()


def test_after_a_busy_day_no_byte_of_anybody_is_in_the_gaps_of_the_file(
    file: Path, clocks: HandClocks, journal: Journal
) -> None:
    """Erased rows leave gaps in their pages; what stood there is overwritten only because `secure_delete`
    is on.
    """
    secrets = []
    for number in range(80):
        given = journal.take(
            Order("K", "Europe/London", f"room-of-{number:03d}" + "x" * (number % 20), Language.GU)
        )
        secrets.append(given.secret.encode())
        if number % 3:
            hand_over(journal)
            journal.forget(given.ticket)
    journal.in_doubt(0)
    hand_over(journal)
    journal.scrub()
    raw = everything_on_disk(file)
    assert [secret for secret in secrets if secret in raw] == []
    assert b"room-of-" not in raw


def test_what_the_server_does_not_have_yet_is_kept_though_the_visitor_has_gone(
    file: Path, clocks: HandClocks, journal: Journal
) -> None:
    given = journal.take(ORDER)
    journal.forget(given.ticket)
    journal = again(file, clocks, journal)
    issue = issue_of(journal.next_held())
    assert (issue.ticket, issue.language, issue.service) == (given.ticket, Language.GU, "council-tax")
    journal.close()


def test_codes_and_ids_go_after_a_week(file: Path, clocks: HandClocks, journal: Journal) -> None:
    given = journal.take(ORDER)
    journal.take(ORDER)
    hand_over(journal)
    journal.forget(given.ticket)
    clocks.go(8 * DAY)
    journal.sweep()  # each day: a kiosk runs for months
    assert [row["code"] for row in journal._all("SELECT code FROM ticket")] == ["K02"]
    journal = again(file, clocks, journal)
    assert [row["code"] for row in journal._all("SELECT code FROM ticket")] == ["K02"]
    journal.close()


STRANGERS = {
    "ticket": "INSERT INTO ticket (id, visit, code, given_on, service, language, discreet, secret, follow_hash, taken_at,"
    " sure, steady, boot, wall, paper, state, gone) VALUES (:id, :id, :id, '2026-01-01', '', '', 0, '', :id, 0, 1, 0, '', 0,"
    " 'confirmed', 'handed', 1)",
    "job": "INSERT INTO job (id, paper, begun_at) VALUES (:id, 'confirmed', 0)",
    "use": "INSERT INTO use (id, body, taken_at, sure, steady, boot, wall) VALUES (:id, '{}', 0, 1, 0, '', 0)",
}
MANY = 1500


@pytest.mark.parametrize("table", STRANGERS)
def test_what_nobody_is_to_be_told_of_any_more_goes_without_looking_through_everything_for_each(
    journal: Journal, clocks: HandClocks, table: str
) -> None:
    """After a month without a line both may be tens of thousands. Counted in steps of the database: time says nothing on a busy machine."""
    clocks.go(30 * DAY)
    ids = [{"id": f"{number:06}"} for number in range(MANY)]
    journal._db.execute("BEGIN")
    journal._db.executemany(STRANGERS[table], [*ids, {"id": "stranger"}])
    journal._db.executemany(
        f"INSERT INTO entry (ask, kind, ticket) VALUES ('{table}' || :id, 'use', :id)", ids
    )
    journal._db.execute("COMMIT")
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    journal._db.set_progress_handler(count, 1000)
    journal.sweep()
    journal._db.set_progress_handler(None, 0)
    kept = {row["id"] for row in journal._all(f"SELECT id FROM {table}")}
    assert kept == {each["id"] for each in ids}
    assert steps[0] < MANY * 100 / 1000


# The disk ---------------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_as_such_and_nothing_is_half_written(journal: Journal) -> None:
    journal.take(ORDER)
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")

    def until_full() -> None:
        for _ in range(200):
            journal.take(ORDER)

    with pytest.raises(DiskError) as trouble:
        until_full()
    assert trouble.value.full
    journal._db.execute("PRAGMA max_page_count=100000")
    codes = [issue_of(held).code for held in hand_over(journal)]
    assert codes == [f"K{number:02d}" for number in range(1, len(codes) + 1)]
    assert journal.take(ORDER).code == f"K{len(codes) + 1:02d}"


def test_a_second_kiosk_on_the_same_folder_is_told_so(file: Path, journal: Journal) -> None:
    with pytest.raises(DiskError, match="second kiosk"):
        Journal(file, HandClocks())


def test_a_damaged_file_is_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(b"this is no database" * 500)
    with pytest.raises(DiskError) as trouble:
        Journal(file, HandClocks())
    assert trouble.value.damaged


def test_a_newer_journal_is_not_touched(file: Path, clocks: HandClocks, journal: Journal) -> None:
    journal.close()
    spoil(file, "PRAGMA user_version=99")
    with pytest.raises(DiskError, match="newer version"):
        Journal(file, clocks)


def test_a_folder_that_is_missing_is_made_and_only_we_can_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "journal.db"
    Journal(file, HandClocks()).close()
    assert file.stat().st_mode & 0o077 == 0


def test_rows_are_kept_over_a_restart(file: Path, clocks: HandClocks, journal: Journal) -> None:
    rows: dict[str, Any] = {"centre": {"kind": "centre", "name": "ਯਾਰਕ"}}
    journal.keep_rows(rows)
    journal = again(file, clocks, journal)
    assert journal.rows() == rows
    journal.close()


def test_a_change_that_fails_changes_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.take(ORDER)
    breaks: Callable[..., None] = lambda *_: (_ for _ in ()).throw(RuntimeError("x"))  # noqa: E731 - typed in passing
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.journal.store.new_id", breaks)
        with pytest.raises(RuntimeError):
            journal.take(ORDER)
    assert journal.take(ORDER).code == "K02"


def test_a_disk_with_room_for_a_word_but_not_for_a_ticket_is_not_mended(journal: Journal) -> None:
    journal.check()
    journal._db.execute("VACUUM")
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DiskError):
        journal.check()
    journal._db.execute("PRAGMA max_page_count=1000000")
    journal.check()
