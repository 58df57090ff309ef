"""The server was restored from a backup: what it had of us after that is handed in again, and until then lies sealed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.journal import Held, Journal, Order, Verdict, judge
from kiosk.journal.kept import KEPT_MS, MARGIN_MS, Life
from kiosk.keeping import Keeping
from tests.kiosk.clockwork import HOUR, HandClocks
from wire.asks import CheckIn, Issue, Paper, SetAside
from wire.frames import Answer, Refusal
from wire.references import new_reference
from wire.vocabulary import Language, PaperState, RefusalCode

KEY = bytes(range(32))
REFERENCE = new_reference(lambda signs: signs[3])
ORDER = Order("K", "Europe/London", "council-tax", Language.PA, discreet=True)
BOOKED = Order("K", "Europe/London", "housing", Language.EN, reference=REFERENCE)


def life(number: int, known_until: int | None = None, key: bytes = KEY) -> Life:
    return Life(f"{number}-abc", known_until, key)


@pytest.fixture
def clocks() -> HandClocks:
    return HandClocks()


@pytest.fixture
def journal(tmp_path: Path, clocks: HandClocks) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db", clocks)
    journal.meet(life(1))
    yield journal
    journal.close()


def visit(journal: Journal, order: Order = ORDER) -> str:
    """Somebody takes a ticket and goes."""
    given = journal.take(order)
    journal.paper(given.ticket, PaperState.CONFIRMED, 0)
    journal.forget(given.ticket)
    return given.code


def hand_over(journal: Journal, verdict: Verdict = Verdict.DONE, why: str = "") -> list[Held]:
    told = []
    while (held := journal.next_held()) is not None:
        told.append(held)
        journal.settle(held, verdict, why)
    return told


def codes(told: list[Held]) -> list[str]:
    return [held.code for held in told]


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def test_a_restored_server_is_handed_everything_since_its_backup_under_the_same_ids_in_the_same_order(
    journal: Journal, clocks: HandClocks
) -> None:
    visit(journal)
    assert codes(hand_over(journal)) == ["K01"]
    clocks.go(HOUR)
    backup_at = clocks.wall()
    clocks.go(MARGIN_MS // 2)
    visit(journal)
    clocks.go(60_000)
    visit(journal, BOOKED)
    first = hand_over(journal)
    clocks.go(HOUR)
    visit(journal)  # nobody has been told of this one yet
    assert journal.meet(life(2, backup_at)) == 2
    assert journal.held() == 3
    again = hand_over(journal)
    assert codes(again) == ["K02", "K03", "K04"]
    assert [held.ask for held in again[:2]] == [held.ask for held in first]
    issued, checked_in = again[0].body, again[1].body
    assert isinstance(issued, Issue)
    assert isinstance(checked_in, CheckIn)
    assert (issued.service, issued.language, issued.discreet) == ("council-tax", Language.PA, True)
    assert issued.fingerprint() == first[0].body.fingerprint()
    assert issued.age_ms == HOUR + 60_000
    assert issued.paper is PaperState.CONFIRMED
    assert checked_in.reference == REFERENCE
    assert journal.next_held() is None


def test_numbers_go_on_though_the_restored_server_knows_lower_ones(journal: Journal) -> None:
    assert [visit(journal), visit(journal)] == ["K01", "K02"]
    hand_over(journal)
    journal.meet(life(2, 0))
    assert visit(journal) == "K03"
    assert codes(hand_over(journal)) == ["K01", "K02", "K03"]


def test_what_a_stolen_card_tells_of_what_was_handed_over_is_nothing(
    journal: Journal, tmp_path: Path
) -> None:
    visit(journal)
    visit(journal, BOOKED)
    [first, _second] = hand_over(journal)
    journal.scrub()
    kept = on_disk(tmp_path)
    assert first.ask.encode() in kept, "it is kept"
    assert isinstance(first.body, Issue)
    for secret in (
        b"council-tax",
        b"housing",
        REFERENCE.encode(),
        first.body.follow_hash.encode(),
        KEY,
        KEY.hex().encode(),
    ):
        assert secret not in kept


def test_each_restore_is_another_life_and_the_same_life_is_none(journal: Journal, clocks: HandClocks) -> None:
    visit(journal)
    hand_over(journal)
    assert journal.meet(life(1)) == 0
    assert journal.meet(life(2, clocks.wall() - HOUR)) == 1
    assert codes(hand_over(journal)) == ["K01"]
    assert journal.meet(life(2, clocks.wall() - HOUR)) == 0
    assert journal.meet(Life("2-xyz", clocks.wall() - HOUR, KEY)) == 1, "the same number of another restore"
    assert codes(hand_over(journal)) == ["K01"]


def test_a_kiosk_that_is_switched_off_in_the_middle_goes_on_with_it(
    journal: Journal, tmp_path: Path, clocks: HandClocks
) -> None:
    for _ in range(3):
        visit(journal)
    hand_over(journal)
    journal.meet(life(2, 0))
    held = journal.next_held()
    assert held is not None
    journal.settle(held, Verdict.DONE)
    journal.close()
    clocks.reboot()
    with closing(Journal(tmp_path / "journal.db", clocks)) as later:
        assert later.next_held() is None, "the key is in no file: the server tells it"
        assert later.meet(life(2, 0)) == 0
        assert codes(hand_over(later)) == ["K02", "K03"]


def test_what_the_server_knows_after_all_is_taken_as_done_and_a_real_refusal_is_told_to_staff(
    journal: Journal,
) -> None:
    visit(journal)
    visit(journal)
    hand_over(journal)
    journal.meet(life(2, 0))
    known, refused = journal.next_held(), None
    assert known is not None
    answer = Answer(id=known.ask, refusal=Refusal(code=RefusalCode.ID_REUSED, say="Already entered."))
    assert judge(answer, known.tries, known.others_taken) is Verdict.DONE
    journal.settle(known, Verdict.DONE)
    refused = journal.next_held()
    assert refused is not None
    journal.settle(refused, Verdict.SET_ASIDE, "unknown: no such service")
    [told] = hand_over(journal)
    assert told.body == SetAside(
        entry=told.body.entry if isinstance(told.body, SetAside) else "",
        code="K02",
        service="council-tax",
        why="unknown: no such service",
    )


def test_one_that_is_tried_in_vain_does_not_hold_up_new_tickets(journal: Journal) -> None:
    visit(journal)
    hand_over(journal)
    journal.meet(life(2, 0))
    stuck = journal.next_held()
    assert stuck is not None
    journal.settle(stuck, Verdict.STEP_BACK)
    visit(journal)
    assert codes(hand_over(journal)) == ["K02", "K01"]


def test_what_became_of_a_paper_is_told_again_after_its_ticket(journal: Journal) -> None:
    given = journal.take(ORDER)
    hand_over(journal)
    journal.paper(given.ticket, PaperState.CONFIRMED, 1)
    journal.forget(given.ticket)
    hand_over(journal)
    journal.meet(life(2, 0))
    issued, paper = hand_over(journal)
    assert isinstance(issued.body, Issue)
    assert issued.body.paper is PaperState.RESERVED
    assert paper.body == Paper(ticket=given.ticket, paper=PaperState.CONFIRMED, copies=1)


def test_eight_days_later_it_is_gone_and_what_another_key_sealed_is_never_asked(
    journal: Journal, tmp_path: Path, clocks: HandClocks
) -> None:
    visit(journal)
    hand_over(journal)
    assert journal.meet(life(2, 0, bytes(32))) == 0, "sealed with a key this life does not have"
    clocks.go(KEPT_MS + 1)
    visit(journal)
    hand_over(journal)
    journal.scrub()
    assert journal.meet(life(3, 0, bytes(32))) == 1


def test_a_journal_that_knew_nothing_of_lives_learns_of_them(tmp_path: Path, clocks: HandClocks) -> None:
    file = tmp_path / "journal.db"
    Journal(file, clocks).close()
    with closing(sqlite3.connect(file)) as old:
        old.executescript("DROP TABLE kept; PRAGMA user_version = 4;")
    with closing(Journal(file, clocks)) as journal:
        visit(journal)
        hand_over(journal)
        assert journal.meet(life(2, 0)) == 0, "nothing is kept before a key was told"
        visit(journal)
        hand_over(journal)
        assert journal.meet(life(3, 0)) == 1


async def test_the_feed_tells_the_life_and_its_key_goes_into_no_file(
    journal: Journal, tmp_path: Path, clocks: HandClocks
) -> None:
    visit(journal)
    hand_over(journal)
    rang = []

    async def in_journal(work: object, *values: object) -> object:
        assert callable(work)
        return work(*values)

    keeping = Keeping(journal, in_journal, lambda: rang.append(1))
    row = {"kind": "life", "id": "2-abc", "known_until": 0, "keeping": KEY.hex()}
    await keeping.rows({"life": row, "centre": {"kind": "centre", "slug": "york-house"}})
    await keeping.rows({"life": row})
    assert rang == [1]
    assert journal.held() == 1
    await keeping.rows({"life": {"kind": "life", "id": "3", "known_until": "x", "keeping": "no key"}})
    await keeping.rows({})
    journal.scrub()
    assert KEY.hex().encode() not in on_disk(tmp_path)
    assert "life" not in journal.rows()
