"""Papers that staff want and the self-test: when they begin, and when a visitor comes first."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.flow import events as e
from kiosk.flow.effects import BeginTest, Effect, PrintJob, RefuseJob
from tests.kiosk.flow.walking import (
    DAY,
    HOUR,
    JOBS,
    TUESDAY_TEN,
    Kiosk,
    evacuated,
    locked,
    open_kiosk,
    wanted,
    york_house,
)
from wire.vocabulary import Language, PrinterState

FIRST, SECOND, THIRD, _ = JOBS


def jobs(effects: list[Effect]) -> list[str]:
    return [effect.job for effect in effects if isinstance(effect, PrintJob | RefuseJob)]


def begun_tests(effects: list[Effect]) -> list[BeginTest]:
    return [effect for effect in effects if isinstance(effect, BeginTest)]


# Papers -----------------------------------------------------------------------------------------------------


def test_papers_for_this_kiosk_are_printed_one_after_another_and_each_once() -> None:
    kiosk = open_kiosk()
    rows = york_house() | wanted(SECOND, FIRST, copy=True) | wanted(THIRD, device="k2")
    told = kiosk.send(e.FeedChanged(rows))
    assert told == [PrintJob(FIRST, False, "G07", Language.GU, TUESDAY_TEN, copy=True)]
    assert jobs(kiosk.send(e.FeedChanged(rows))) == []
    assert jobs(kiosk.send(e.JobEnded(FIRST, done=True))) == [SECOND]
    assert jobs(kiosk.send(e.JobEnded(SECOND, done=True), e.FeedChanged(rows))) == []
    kiosk.send(e.FeedChanged(york_house()))
    assert kiosk.model.jobs_done == frozenset()


def test_a_visitors_ticket_goes_first() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    assert jobs(kiosk.send(e.FeedChanged(york_house() | wanted(FIRST)))) == []
    assert jobs(kiosk.wait(5)) == []
    kiosk.printed()
    assert jobs(kiosk.effects) == [FIRST]
    screen = kiosk.model.screen
    kiosk.send(e.JobEnded(FIRST, done=True))
    assert kiosk.model.screen is screen, "nothing shows"


def test_a_ticket_being_written_down_goes_first() -> None:
    kiosk = open_kiosk()
    kiosk.journal_works = False
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"))
    assert jobs(kiosk.send(e.FeedChanged(york_house() | wanted(FIRST)))) == []
    kiosk.send(kiosk.taken(kiosk.orders[0]))
    assert jobs(kiosk.effects) == []
    kiosk.printed()
    assert jobs(kiosk.effects) == [FIRST]


@pytest.mark.parametrize(
    "status", [PrinterState.OUT, PrinterState.COVER_OPEN, PrinterState.MISSING, PrinterState.NONE]
)
def test_without_paper_staff_hear_it_at_once(status: PrinterState) -> None:
    kiosk = open_kiosk(printer=status)
    assert kiosk.send(e.FeedChanged(york_house() | wanted(FIRST))) == [RefuseJob(FIRST)]


def test_a_mute_printer_is_tried() -> None:
    kiosk = open_kiosk(printer=PrinterState.SILENT)
    assert jobs(kiosk.send(e.FeedChanged(york_house() | wanted(FIRST)))) == [FIRST]
    assert isinstance(kiosk.effects[-1], PrintJob)


def test_what_could_not_be_begun_is_tried_again_when_the_journal_works() -> None:
    kiosk = open_kiosk()
    kiosk.send(e.FeedChanged(york_house() | wanted(FIRST)))
    assert jobs(kiosk.send(e.Faulted(e.Fault.JOURNAL_FULL), e.JobEnded(FIRST, done=False))) == []
    assert jobs(kiosk.send(e.Mended())) == [FIRST]


def test_nothing_is_printed_on_an_old_word_or_while_all_must_leave() -> None:
    kiosk = open_kiosk()
    kiosk.send(e.FeedChanged(york_house() | wanted(FIRST, SECOND)), e.LinkChanged(up=False))
    assert jobs(kiosk.send(e.JobEnded(FIRST, done=True))) == []
    assert jobs(kiosk.send(e.LinkChanged(up=True), e.FeedChanged(evacuated() | wanted(SECOND)))) == []
    started = Kiosk()
    assert jobs(started.send(e.Started(1.0, TUESDAY_TEN, "k1", york_house() | wanted(FIRST)))) == []


def test_a_locked_kiosk_prints_since_that_is_how_it_is_mended() -> None:
    kiosk = open_kiosk(locked())
    test = wanted(FIRST, what="test", code="", language="", arrived_at=None)
    told = kiosk.send(e.FeedChanged(locked() | test))
    assert told == [PrintJob(FIRST, True, "", Language.EN, kiosk.now, copy=False)]


@pytest.mark.parametrize("bad", [{"code": ""}, {"arrived_at": None}, {"what": "poster"}, {"job": "../../x"}])
def test_an_odd_row_is_passed_over(bad: dict[str, Any]) -> None:
    kiosk = open_kiosk()
    told = kiosk.send(e.FeedChanged(york_house() | wanted(FIRST, **bad) | wanted(SECOND)))
    assert jobs(told) == [SECOND]


# The self-test ----------------------------------------------------------------------------------------------


def shut(opens_in: int) -> dict[str, dict[str, Any]]:
    return york_house(open=False, opens_at=TUESDAY_TEN + opens_in, closes=None, closes_at=None)


def test_it_tests_itself_within_the_hour_before_opening_and_once_that_day() -> None:
    kiosk = open_kiosk(shut(2 * HOUR))
    assert begun_tests(kiosk.wait(HOUR // 1000 - 10)) == []
    begun = begun_tests(kiosk.wait(20))
    assert begun == [BeginTest(None, "2026-11-24")]
    kiosk.send(e.SelfTested(None, "2026-11-24", told=True))
    assert begun_tests(kiosk.wait(HOUR // 1000)) == []
    kiosk.now = TUESDAY_TEN + DAY
    rows = york_house(on="2026-11-25")
    assert begun_tests(kiosk.send(e.Tick(kiosk.at, kiosk.now), e.FeedChanged(rows))) == [
        BeginTest(None, "2026-11-25")
    ]


def test_a_restart_on_the_same_day_does_not_test_again() -> None:
    kiosk = Kiosk()
    kiosk.send(e.Started(kiosk.at, kiosk.now, "k1", {}, "2026-11-24"), e.LinkChanged(up=True))
    assert begun_tests(kiosk.send(e.FeedChanged(york_house()))) == []
    assert begun_tests(kiosk.wait(300)) == []


def test_whoever_asks_has_it_tested_once_also_when_closed_or_locked() -> None:
    for rows in (shut(20 * HOUR), locked()):
        kiosk = open_kiosk(rows)
        kiosk.send(e.SelfTested(None, "2026-11-24", told=True))
        kiosk.wait(70)
        rows["device:k1"]["test_job"] = FIRST
        assert begun_tests(kiosk.send(e.FeedChanged(rows))) == [BeginTest(FIRST, "")]
        kiosk.send(e.SelfTested(FIRST, "", told=True))
        assert begun_tests(kiosk.wait(300)) == []


def test_a_test_that_could_not_be_told_is_done_anew_a_minute_later() -> None:
    kiosk = open_kiosk()
    assert len(begun_tests(kiosk.effects)) == 1
    kiosk.send(e.SelfTested(None, "2026-11-24", told=False))
    assert begun_tests(kiosk.wait(50)) == []
    assert len(begun_tests(kiosk.wait(20))) == 1


def test_no_test_while_anybody_is_there() -> None:
    kiosk = open_kiosk(shut(20 * HOUR))
    kiosk.send(e.FeedChanged(york_house()), e.SelfTested(None, "2026-11-24", told=True))
    kiosk.tap(e.ChooseLanguage(Language.GU))
    rows = york_house()
    rows["device:k1"]["test_job"] = FIRST
    assert begun_tests(kiosk.send(e.FeedChanged(rows))) == []
    assert begun_tests(kiosk.wait(30)) == []
    kiosk.tap(e.HideNow())
    assert begun_tests(kiosk.wait(15)) == [], "somebody was here just now"
    assert begun_tests(kiosk.wait(50)) == [BeginTest(FIRST, "")]


def test_no_test_without_the_link_since_nobody_would_hear() -> None:
    kiosk = open_kiosk(shut(20 * HOUR))
    kiosk.send(e.LinkChanged(up=False))
    assert begun_tests(kiosk.wait(120)) == []


def test_no_test_while_somebody_reads_a_locked_screen_in_their_language() -> None:
    rows = locked()
    kiosk = open_kiosk(rows)
    kiosk.send(e.SelfTested(None, "2026-11-24", told=True))
    kiosk.wait(70)
    kiosk.tap(e.ChooseLanguage(Language.GU))
    rows["device:k1"]["test_job"] = FIRST
    assert begun_tests(kiosk.send(e.FeedChanged(rows)) + kiosk.wait(40)) == []
    assert begun_tests(kiosk.wait(60)) == [BeginTest(FIRST, "")]
