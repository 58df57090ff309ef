"""What staff tell a kiosk: everyone out, closed by hand, one sentence for everybody; with and without the link."""

from __future__ import annotations

from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, Forget, NotePaper, Print
from kiosk.flow.model import Screen, Visitor
from tests.kiosk.flow.walking import (
    DAY,
    HOUR,
    TUESDAY_TEN,
    Kiosk,
    announced,
    evacuated,
    locked,
    open_kiosk,
    york_house,
)
from wire.vocabulary import Language, PaperState, PrinterState

# Everyone out -----------------------------------------------------------------------------------------------


def test_everything_of_a_visitor_goes_at_once_when_all_must_leave() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.tap(e.LargerText())
    told = kiosk.send(e.FeedChanged(evacuated()))
    assert kiosk.model.screen is Screen.EVACUATED
    assert kiosk.model.visitor == Visitor()
    assert told == [Forget("t1")]


def test_no_touch_does_anything_while_all_must_leave_and_then_it_starts_anew() -> None:
    kiosk = open_kiosk(evacuated())
    for action in (
        e.ChooseLanguage(Language.GU),
        e.AskHelp(),
        e.TalkInPrivate(),
        e.ChooseNeed("money"),
        e.HideNow(),
    ):
        assert kiosk.tap(action) == []
        assert kiosk.model.screen is Screen.EVACUATED
        assert kiosk.model.visitor == Visitor()
    kiosk.send(e.FeedChanged(york_house()))
    assert kiosk.model.screen is Screen.START
    kiosk.to_ticket()


def test_a_ticket_being_taken_when_all_must_leave_is_not_printed() -> None:
    kiosk = open_kiosk()
    kiosk.journal_works = False
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"))
    kiosk.send(e.FeedChanged(evacuated()))
    told = kiosk.send(kiosk.taken(kiosk.orders[0]))
    assert told == [NotePaper("t1", PaperState.NOT_PRINTED, 0), Forget("t1")]
    assert kiosk.model.screen is Screen.EVACUATED


def test_a_paper_in_doubt_is_not_asked_about_while_all_must_leave() -> None:
    kiosk = Kiosk()
    kiosk.send(e.Started(kiosk.at, kiosk.now, "k1", evacuated()), e.PrinterChanged(PrinterState.READY))
    for paper, noted in (
        (PaperState.RESERVED, PaperState.NOT_PRINTED),
        (PaperState.SENT, PaperState.UNKNOWN),
    ):
        told = kiosk.send(e.PaperInDoubt("t9", "K09", Language.GU, kiosk.now, "https://x/t/secret", paper, 0))
        assert told == [NotePaper("t9", noted, 0), Forget("t9")]
    assert kiosk.model.visitor == Visitor()


def test_without_the_link_it_lasts_until_the_local_day_is_over_and_no_longer() -> None:
    kiosk = open_kiosk(evacuated())
    kiosk.send(e.LinkChanged(up=False))
    kiosk.now = TUESDAY_TEN + 13 * HOUR + 59 * 60_000
    kiosk.send(e.Tick(kiosk.at, kiosk.now))
    assert kiosk.model.screen is Screen.EVACUATED
    kiosk.wait(120)
    assert not kiosk.model.evacuated
    kiosk.now = TUESDAY_TEN + DAY
    kiosk.send(e.Tick(kiosk.at, kiosk.now))
    kiosk.to_ticket()


def test_the_live_word_lasts_as_long_as_it_is_said() -> None:
    kiosk = open_kiosk(evacuated())
    kiosk.now = TUESDAY_TEN + 3 * DAY
    kiosk.send(e.Tick(kiosk.at, kiosk.now))
    assert kiosk.model.screen is Screen.EVACUATED


def test_a_restart_without_the_link_does_not_end_it_and_neither_does_a_calendar_that_is_behind() -> None:
    for now in (TUESDAY_TEN + HOUR, TUESDAY_TEN - 400 * DAY):
        kiosk = Kiosk(now=now)
        kiosk.send(e.Started(kiosk.at, kiosk.now, "k1", evacuated()))
        assert kiosk.model.screen is Screen.EVACUATED


def test_a_kiosk_taken_out_of_service_shows_how_to_set_it_up_since_it_hears_no_more() -> None:
    kiosk = open_kiosk(evacuated())
    kiosk.send(e.SettingUp("7H4K-2M", revoked=True))
    assert kiosk.model.screen is Screen.SETUP


# Closed by hand ---------------------------------------------------------------------------------------------


def test_a_locked_kiosk_says_so_in_the_visitors_language_and_lets_nobody_on() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("home"))
    kiosk.send(e.FeedChanged(locked()))
    assert (kiosk.model.screen, kiosk.model.language, kiosk.model.locked) == (
        Screen.LOCKED,
        Language.GU,
        "Being cleaned.",
    )
    kiosk.tap(e.ChooseLanguage(Language.UR))
    assert (kiosk.model.screen, kiosk.model.language) == (Screen.LOCKED, Language.UR)
    for action in (e.ChooseNeed("money"), e.TalkInPrivate()):
        kiosk.tap(action)
    assert kiosk.model.screen is Screen.LOCKED
    assert [effect for effect in kiosk.effects if isinstance(effect, CallPerson)], "a person can be had"
    assert kiosk.orders == []
    kiosk.wait(300)
    assert kiosk.model.visitor == Visitor()
    kiosk.send(e.FeedChanged(york_house()))
    assert kiosk.model.screen is Screen.START


def test_whoever_is_being_given_a_ticket_when_it_is_locked_gets_it() -> None:
    kiosk = open_kiosk()
    kiosk.journal_works = False
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"))
    kiosk.send(e.FeedChanged(locked()))
    told = kiosk.send(kiosk.taken(kiosk.orders[0]))
    assert [effect for effect in told if isinstance(effect, Print)]
    assert kiosk.model.screen is Screen.TICKET
    kiosk.printed()
    kiosk.tap(e.Done())
    assert kiosk.model.screen is Screen.LOCKED


def test_a_lock_survives_a_restart_without_the_link() -> None:
    kiosk = Kiosk()
    kiosk.send(e.Started(kiosk.at, kiosk.now, "k1", locked()))
    assert kiosk.model.screen is Screen.LOCKED
    kiosk.wait(600)
    assert kiosk.model.screen is Screen.LOCKED


def test_a_closed_centre_says_when_it_opens_locked_or_not() -> None:
    rows = locked()
    rows["centre"] |= {"open": False, "opens_at": TUESDAY_TEN + DAY}
    assert open_kiosk(rows).model.screen is Screen.CLOSED


# One sentence for everybody ---------------------------------------------------------------------------------


def test_the_newest_announcement_that_has_not_ended_shows_before_anything_is_chosen() -> None:
    rows = (
        york_house()
        | announced("Slow today.")
        | announced("No more tickets.", TUESDAY_TEN + 1, TUESDAY_TEN + HOUR)
    )
    kiosk = open_kiosk(rows)
    assert kiosk.model.announced == {"en": "No more tickets."}
    kiosk.tap(e.ChooseLanguage(Language.EN))
    assert kiosk.model.announced == {"en": "No more tickets."}
    kiosk.tap(e.ChooseNeed("home"))
    assert kiosk.model.announced is None
    kiosk.tap(e.StartAgain())
    kiosk.now += 2 * HOUR
    kiosk.send(e.Tick(kiosk.at, kiosk.now))
    assert kiosk.model.announced == {"en": "Slow today."}


def test_an_announcement_does_not_outlive_the_link() -> None:
    kiosk = open_kiosk(york_house() | announced("No more tickets."))
    kiosk.send(e.LinkChanged(up=False))
    assert kiosk.model.announced is None


def test_a_finger_on_its_way_does_not_hit_what_an_announcement_has_moved_under_it() -> None:
    kiosk = open_kiosk()
    before = kiosk.model.generation
    kiosk.send(e.FeedChanged(york_house() | announced("Slow today.")))
    assert kiosk.model.generation > before
