"""Whole visits, in order and out of it."""

from __future__ import annotations

import pytest

from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, Forget, NotePaper, Print, Sound, TakeTicket
from kiosk.flow.model import Help, Screen, Visitor
from kiosk.flow.offer import Waits
from tests.kiosk.flow.walking import DAY, HOUR, TUESDAY_TEN, open_kiosk, service, york_house
from wire.vocabulary import Language, PaperState, PrinterState


def test_two_touches_to_a_ticket_where_a_need_has_one_service() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"))
    assert kiosk.model.screen is Screen.TICKET
    assert kiosk.orders == [TakeTicket(1, "tax", Language.GU, False, Waits(low=5, high=15))]
    ticket = kiosk.model.ticket
    assert ticket is not None
    assert (ticket.code, ticket.follow_url) == ("K01", "https://foyer.example/t/secret-1")
    assert kiosk.papers == [Print("t1", "K01", Language.GU, kiosk.now, ticket.follow_url, copy=False)]


def test_three_touches_to_a_ticket_where_a_need_has_several() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.EN))
    kiosk.tap(e.ChooseNeed("home"))
    assert [tile.id for tile in kiosk.model.services] == ["repairs", "homeless", "advice"]
    kiosk.tap(e.ChooseService("homeless"))
    assert kiosk.model.screen is Screen.TICKET
    assert kiosk.orders[0].service == "homeless"


def test_the_wait_is_a_range_and_unknown_without_the_server() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    assert kiosk.model.wait_line is not None
    assert (kiosk.model.wait_line.key, dict(kiosk.model.wait_line.values)) == (
        "wait.range",
        {"low": 5, "high": 15, "count": 15},
    )
    offline = open_kiosk()
    offline.send(e.LinkChanged(up=False))
    offline.to_ticket()
    assert offline.model.wait_line is not None
    assert offline.model.wait_line.key == "wait.unknown"


def test_back_from_each_screen() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("home"))
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.NEEDS
    assert kiosk.model.language is Language.GU
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.START
    assert kiosk.model.visitor == Visitor()
    kiosk.to_ticket()
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.START
    assert kiosk.model.visitor == Visitor()


@pytest.mark.parametrize("action", [e.StartAgain(), e.HideNow(), e.Done()])
def test_leaving_forgets_everything(action: e.Action) -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.LargerText())
    kiosk.tap(e.HighContrast())
    kiosk.tap(e.ReachDown())
    kiosk.to_ticket()
    assert (kiosk.model.large, kiosk.model.contrast, kiosk.model.reach_down) == (True, True, True)
    kiosk.tap(action)
    assert kiosk.model.visitor == Visitor()
    assert kiosk.model.screen is Screen.START
    assert kiosk.forgotten == [Forget("t1")]


def test_hide_counts_at_once_even_in_the_middle_of_drumming() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.tap(e.HideNow(), after=0.01)
    assert kiosk.model.ticket is None


def test_idle_then_the_next_visitor_sees_nothing() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.LargerText())
    kiosk.to_ticket()
    kiosk.wait(39)
    assert kiosk.model.idle_left is None
    told = kiosk.wait(2)
    assert kiosk.model.idle_left is not None
    assert [effect for effect in told if isinstance(effect, Sound)]
    kiosk.wait(20)
    assert kiosk.model.screen is Screen.START
    assert kiosk.model.visitor == Visitor()
    assert kiosk.forgotten == [Forget("t1")]


def test_the_warning_lasts_twenty_seconds_and_more_time_can_be_had_again_and_again() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.PL))
    for _ in range(12):  # WCAG 2.2.1: at least ten times
        kiosk.wait(60)
        assert kiosk.model.idle_left == 20
        kiosk.wait(10)
        assert kiosk.model.idle_left == 10
        kiosk.tap(e.MoreTime())
        assert kiosk.model.idle_left is None
    assert kiosk.model.screen is Screen.NEEDS
    assert kiosk.model.language is Language.PL


def test_a_touch_on_something_the_warning_has_covered_is_a_sign_of_life_and_nothing_else() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.PL))
    drawn = kiosk.model.generation
    kiosk.wait(61)
    assert kiosk.model.generation != drawn
    kiosk.at += 1
    kiosk.send(e.Touched(e.ChooseNeed("money"), drawn, kiosk.at))
    assert kiosk.model.idle_left is None
    assert kiosk.orders == []


def test_an_untouched_kiosk_is_never_idle() -> None:
    kiosk = open_kiosk()
    kiosk.wait(3600, step_seconds=5)
    assert kiosk.model.idle_left is None
    assert kiosk.forgotten == []


# Help -------------------------------------------------------------------------------------------------------


def test_help_is_called_said_and_can_be_put_away() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.UR))
    told = kiosk.tap(e.AskHelp())
    assert CallPerson(Language.UR) in told
    assert kiosk.model.help is Help.ASKED
    assert kiosk.model.help_lines is not None
    rows = york_house()
    rows["device:k1"]["help"] = "coming"
    kiosk.send(e.FeedChanged(rows))
    assert kiosk.model.help is Help.COMING
    kiosk.tap(e.CloseHelp())
    assert kiosk.model.help_lines is None
    assert kiosk.model.help is Help.COMING
    assert kiosk.model.screen is Screen.NEEDS


def test_help_with_the_link_down_says_what_to_do_and_calls_when_it_is_back() -> None:
    kiosk = open_kiosk()
    kiosk.send(e.LinkChanged(up=False))
    kiosk.tap(e.AskHelp())
    assert kiosk.model.help is Help.ALONE
    assert kiosk.model.help_lines is not None
    assert kiosk.model.help_lines[0].key == "help.offline_title"
    assert kiosk.send(e.LinkChanged(up=True)) == [CallPerson(Language.EN)]


def test_help_of_the_last_visitor_is_not_the_next_ones() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.AskHelp())
    kiosk.tap(e.StartAgain())
    assert kiosk.model.help is Help.NONE


# In private -------------------------------------------------------------------------------------------------


def _shape(kiosk: object) -> list[str]:
    return [type(effect).__name__ for effect in kiosk.effects]  # type: ignore[attr-defined]  # any kiosk of these tests has them


def test_a_private_ticket_cannot_be_told_from_another() -> None:
    """The same touches, screens, effects and, ticket for ticket, an equal model."""
    ordinary, private = open_kiosk(), open_kiosk()
    for kiosk, second, third in (
        (ordinary, e.ChooseNeed("home"), e.ChooseService("repairs")),
        (private, e.TalkInPrivate(), e.ChooseService("private")),
    ):
        kiosk.tap(e.ChooseLanguage(Language.GU))
        kiosk.tap(second)
        assert kiosk.model.screen is Screen.SERVICES
        kiosk.tap(third)
    assert private.orders[0].service == "listening"
    assert (ordinary.orders[0].discreet, private.orders[0].discreet) == (False, True)
    assert private.model == ordinary.model
    assert _shape(private) == _shape(ordinary)
    assert private.papers == ordinary.papers


@pytest.mark.parametrize("from_start", [True, False])
def test_back_from_the_private_way(from_start: bool) -> None:
    kiosk = open_kiosk()
    if not from_start:
        kiosk.tap(e.ChooseLanguage(Language.GU))
    before = kiosk.model.screen
    kiosk.tap(e.TalkInPrivate())
    assert [tile.line.key for tile in kiosk.model.services if tile.line] == ["private.title"]
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is before
    assert not kiosk.model.visitor.private


def test_private_when_nobody_can_be_had_for_it_calls_a_person() -> None:
    rows = york_house()
    rows["private"]["open"] = False
    kiosk = open_kiosk(rows)
    assert CallPerson(Language.EN) in kiosk.tap(e.TalkInPrivate())
    assert kiosk.model.help is Help.ASKED


def test_private_after_an_ordinary_ticket_takes_its_place_on_screen() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.tap(e.TalkInPrivate())
    assert kiosk.model.screen is Screen.SERVICES
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.TICKET
    kiosk.tap(e.TalkInPrivate())
    kiosk.tap(e.ChooseService("private"))
    assert kiosk.model.ticket is not None
    assert kiosk.model.ticket.code == "K02"
    assert Forget("t1") in kiosk.effects


# Closed -----------------------------------------------------------------------------------------------------


def test_the_centre_closes_while_somebody_chooses_and_while_somebody_reads_a_ticket() -> None:
    chooser, reader = open_kiosk(), open_kiosk()
    chooser.tap(e.ChooseLanguage(Language.GU))
    reader.to_ticket()
    shut = york_house(open=False, opens_at=TUESDAY_TEN + 2 * DAY - HOUR // 2)
    for kiosk in (chooser, reader):
        kiosk.send(e.FeedChanged(shut))
    assert chooser.model.screen is Screen.CLOSED
    assert chooser.model.language is Language.GU
    line = chooser.model.closed_line
    assert line.key == "closed.opens_on"
    assert str(line.values["day"]) == "2026-11-26"
    assert str(line.values["time"]) == "09:30:00"
    assert reader.model.screen is Screen.TICKET
    reader.tap(e.Done())
    assert reader.model.screen is Screen.CLOSED


@pytest.mark.parametrize(
    ("ahead", "key"), [(HOUR, "closed.opens_today"), (DAY, "closed.opens_tomorrow"), (None, "closed.unknown")]
)
def test_closed_says_when_it_opens(ahead: int | None, key: str) -> None:
    kiosk = open_kiosk(york_house(open=False, opens_at=TUESDAY_TEN + ahead if ahead else None))
    assert kiosk.model.screen is Screen.CLOSED
    assert kiosk.model.closed_line.key == key


def test_a_language_on_the_closed_screen_changes_the_words_for_that_visitor_only() -> None:
    kiosk = open_kiosk(york_house(open=False))
    kiosk.tap(e.ChooseLanguage(Language.PL))
    assert (kiosk.model.screen, kiosk.model.language) == (Screen.CLOSED, Language.PL)
    kiosk.wait(90)
    assert (kiosk.model.screen, kiosk.model.language) == (Screen.CLOSED, Language.EN)


def test_a_closed_service_is_shown_with_its_hours_and_gives_no_ticket() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.EN))
    kiosk.tap(e.ChooseNeed("home"))
    advice = kiosk.model.services[2]
    assert not advice.open
    line = kiosk.model.tile_line(advice)
    assert line is not None
    assert (line.key, str(line.values["day"])) == ("service.opens_on", "2026-11-27")
    kiosk.tap(e.ChooseService("advice"))
    assert kiosk.orders == []
    assert kiosk.model.notice == line


def test_a_service_closing_under_the_finger_gives_no_ticket() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.EN))
    drawn = kiosk.model.generation
    rows = york_house()
    rows["service:tax"] = service("tax", "money", is_open=False)
    kiosk.send(e.FeedChanged(rows))
    kiosk.at += 1
    kiosk.send(e.Touched(e.ChooseNeed("money"), drawn, kiosk.at))
    assert kiosk.orders == []


def test_a_chosen_need_that_is_removed_goes_back_to_the_needs() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.EN))
    kiosk.tap(e.ChooseNeed("home"))
    rows = york_house()
    del rows["choice:home"]
    kiosk.send(e.FeedChanged(rows))
    assert kiosk.model.screen is Screen.NEEDS
    assert [tile.id for tile in kiosk.model.choices] == ["money"]


# Paper ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "printer", [PrinterState.OUT, PrinterState.COVER_OPEN, PrinterState.MISSING, PrinterState.NONE]
)
def test_no_paper_is_said_before_choosing_and_the_code_is_on_screen(printer: PrinterState) -> None:
    kiosk = open_kiosk(printer=printer)
    assert kiosk.model.banner is not None
    assert kiosk.model.banner[0].key == "paper.none_title"
    kiosk.to_ticket()
    assert kiosk.papers == []
    assert NotePaper("t1", PaperState.NOT_PRINTED, 0) in kiosk.effects
    assert kiosk.model.paper_line is not None
    assert kiosk.model.paper_line.key == "ticket.no_paper"
    assert kiosk.model.ticket is not None
    assert kiosk.model.ticket.follow_url


def test_a_silent_printer_is_never_called_fine_and_never_called_empty() -> None:
    kiosk = open_kiosk(printer=PrinterState.SILENT)
    assert kiosk.model.banner is None
    kiosk.to_ticket()
    kiosk.printed(PaperState.UNKNOWN)
    assert kiosk.model.asks_paper
    assert kiosk.model.paper_line is None


def test_paper_in_doubt_yes() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.printed(PaperState.UNKNOWN)
    told = kiosk.tap(e.PaperCameOut(yes=True))
    assert NotePaper("t1", PaperState.CONFIRMED, 0) in told
    assert not kiosk.model.asks_paper


def test_paper_in_doubt_no_prints_a_copy_but_not_for_ever() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    for copies in (1, 2):
        kiosk.printed(PaperState.UNKNOWN)
        assert kiosk.model.prints_again
        told = kiosk.tap(e.PaperCameOut(yes=False))
        assert NotePaper("t1", PaperState.SENT, copies) in told
        assert [effect.copy for effect in told if isinstance(effect, Print)] == [True]
    kiosk.printed(PaperState.UNKNOWN)
    assert not kiosk.model.prints_again, "so the button does not say it would"
    told = kiosk.tap(e.PaperCameOut(yes=False))
    assert NotePaper("t1", PaperState.NOT_PRINTED, 2) in told
    assert len(kiosk.papers) == 3


def test_paper_in_doubt_and_not_needed_asks_no_more() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.printed(PaperState.UNKNOWN)
    kiosk.tap(e.WithoutPaper())
    assert not kiosk.model.asks_paper
    assert kiosk.model.screen is Screen.TICKET


def test_printer_pulled_in_mid_ticket_then_no_copy_can_come() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.send(e.PrinterChanged(PrinterState.MISSING))
    kiosk.printed(PaperState.UNKNOWN)
    assert not kiosk.model.prints_again
    kiosk.tap(e.PaperCameOut(yes=False))
    assert len(kiosk.papers) == 1
    assert kiosk.model.ticket is not None
    assert kiosk.model.ticket.paper is PaperState.NOT_PRINTED


def test_what_became_of_a_paper_whose_visitor_has_gone_shows_on_no_screen() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.tap(e.Done())
    before = kiosk.model
    kiosk.send(e.Printed("t1", PaperState.UNKNOWN))
    assert kiosk.model == before


def test_power_cut_between_sent_and_confirmed_asks_at_start() -> None:
    kiosk = open_kiosk()
    doubt = e.PaperInDoubt("t9", "K09", Language.GU, kiosk.now, "https://x/t/s", PaperState.SENT, 0)
    assert kiosk.send(doubt) == []
    assert (kiosk.model.screen, kiosk.model.language) == (Screen.TICKET, Language.GU)
    assert kiosk.model.asks_paper
    told = kiosk.tap(e.PaperCameOut(yes=False))
    assert [effect.copy for effect in told if isinstance(effect, Print)] == [True]


def test_power_cut_before_the_first_byte_prints_at_start() -> None:
    kiosk = open_kiosk()
    told = kiosk.send(
        e.PaperInDoubt("t9", "K09", Language.GU, kiosk.now, "https://x/t/s", PaperState.RESERVED, 0)
    )
    assert [effect.copy for effect in told if isinstance(effect, Print)] == [False]
    assert not kiosk.model.asks_paper


# Out of order -----------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_kindly_to_visitors_and_plainly_to_staff_and_mends() -> None:
    kiosk = open_kiosk()
    kiosk.journal_works = False
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"))
    kiosk.send(e.Faulted(e.Fault.JOURNAL_FULL, "the disk is full"))
    assert kiosk.model.screen is Screen.OUT_OF_ORDER
    assert "disk is full" in kiosk.model.staff_says
    assert kiosk.model.language is Language.GU
    kiosk.send(e.Mended())
    assert kiosk.model.screen is Screen.START
    assert kiosk.model.staff_says == ""


def test_a_journal_that_does_not_answer_is_not_waited_for_for_ever_and_its_late_ticket_is_printed() -> None:
    kiosk = open_kiosk()
    kiosk.journal_works = False
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"))
    kiosk.wait(7)
    assert kiosk.model.screen is Screen.OUT_OF_ORDER
    told = kiosk.send(kiosk.taken(kiosk.orders[0]))
    assert [effect.code for effect in told if isinstance(effect, Print)] == ["K01"]
    assert Forget("t1") in told
    assert kiosk.model.screen is Screen.OUT_OF_ORDER


def test_a_ticket_on_screen_outlives_a_fault() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.send(e.Faulted(e.Fault.JOURNAL_BROKEN))
    assert kiosk.model.screen is Screen.TICKET
    kiosk.tap(e.Done())
    assert kiosk.model.screen is Screen.OUT_OF_ORDER


def test_hide_while_the_ticket_is_being_taken_prints_it_and_shows_it_to_nobody() -> None:
    kiosk = open_kiosk()
    kiosk.journal_works = False
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"))
    kiosk.tap(e.HideNow(), after=0.01)
    told = kiosk.send(kiosk.taken(kiosk.orders[0]))
    assert kiosk.model.ticket is None
    assert [effect.language for effect in told if isinstance(effect, Print)] == [Language.GU]
    assert Forget("t1") in told


def test_without_an_offer_it_says_one_moment_and_then_that_it_is_out_of_order() -> None:
    kiosk = open_kiosk({})
    assert kiosk.model.screen is Screen.STARTING
    kiosk.wait(10)
    assert kiosk.model.screen is Screen.OUT_OF_ORDER
    assert "heard from the server" in kiosk.model.staff_says
    kiosk.send(e.FeedChanged(york_house()))
    assert kiosk.model.screen is Screen.START


def test_without_a_letter_it_takes_no_ticket() -> None:
    rows = york_house()
    del rows["device:k1"]
    kiosk = open_kiosk(rows)
    kiosk.wait(10)
    assert kiosk.model.screen is Screen.OUT_OF_ORDER
    assert "letter" in kiosk.model.staff_says


def test_revoked_shows_not_set_up_once_the_visitor_with_a_ticket_has_gone() -> None:
    kiosk = open_kiosk()
    kiosk.to_ticket()
    kiosk.send(e.SettingUp(None, revoked=True))
    assert kiosk.model.screen is Screen.TICKET
    kiosk.tap(e.Done())
    assert kiosk.model.screen is Screen.SETUP
    kiosk.send(e.SettingUp("7H4K-2M", revoked=True))
    assert kiosk.model.setup is not None
    assert (kiosk.model.setup.code, kiosk.model.setup_line.key) == ("7H4K-2M", "setup.lead")
    kiosk.send(e.SetUp("k1"), e.FeedChanged(york_house()))
    assert kiosk.model.screen is Screen.START
