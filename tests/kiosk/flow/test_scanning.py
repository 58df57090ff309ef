"""The way of a scan, touch by touch, and what each thing that happens does to it."""

from __future__ import annotations

import pytest

from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, Sound, TakeTicket, Tone
from kiosk.flow.model import Screen
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.entry import read_code
from kiosk.flow.scanning.shown import At, Hint
from kiosk.flow.scanning.steps import wanted
from tests.kiosk.flow.scanning import SQUARE, Station, station, with_plate
from wire.packets import MOST_PAGES
from wire.vocabulary import Language, PaperKind, PaperState, PartState, PrinterState, UseEnd


def ends(kiosk: Station) -> list[UseEnd]:
    return [use.ended for use in kiosk.of(a.TellUse)]


def test_three_pages_of_a_letter_take_seven_touches() -> None:
    kiosk = station()
    touches = [
        e.ChooseLanguage(Language.EN), e.ChooseNeed("_scan"), a.ChoosePurpose("parking"), a.GoOn(),
        a.AllDone(), a.Send(), e.Done(),
    ]  # fmt: skip
    for touch in touches[:4]:
        kiosk.tap(touch)
    for _ in range(3):
        kiosk.page()
    for touch in touches[4:6]:
        kiosk.tap(touch)
    (keep,) = kiosk.of(a.Keep)
    assert [len(paper) for paper in keep.papers] == [3]
    kiosk.kept()
    assert kiosk.scanning.at is At.SENT
    assert [effect.receipt.reference for effect in kiosk.of(a.PrintReceipt)] == ["BCDFGHJW"]
    kiosk.tap(touches[6])
    assert kiosk.model.screen is Screen.START
    assert ends(kiosk) == [UseEnd.DONE]
    assert kiosk.of(a.TellUse)[0].pages == 3
    assert kiosk.of(a.TellUse)[0].packet == kiosk.of(a.PrintReceipt)[0].receipt.packet != ""


def test_the_tile_is_there_only_with_a_plate_a_purpose_and_a_key() -> None:
    kiosk = station()
    assert kiosk.model.choices[0].id == "_scan"
    for rows in (with_plate() | {"hand_in": {"kind": "hand_in", "recipients": []}}, {}):
        kiosk.send(
            e.FeedChanged(rows or {k: v for k, v in with_plate().items() if not k.startswith("purpose")})
        )
        assert "_scan" not in [tile.id for tile in kiosk.model.choices]
    kiosk.send(e.FeedChanged(with_plate()), a.PlateIs(PartState.NONE))
    assert "_scan" not in [tile.id for tile in kiosk.model.choices]


def test_a_reference_is_asked_for_where_there_is_one_and_may_be_left_out() -> None:
    kiosk = station()
    kiosk.begin("tax")
    assert kiosk.scanning.at is At.REFERENCE
    kiosk.types("47 X")
    kiosk.tap(a.Erase(), after=0.2)
    kiosk.tap(a.GoOn())
    assert (kiosk.scanning.at, kiosk.scanning.case) == (At.BEFORE, "47")
    kiosk.tap(e.GoBack())
    assert kiosk.scanning.typed == "47"
    kiosk.tap(a.Without())
    assert (kiosk.scanning.at, kiosk.scanning.case) == (At.BEFORE, "")


def test_a_page_is_taken_by_itself_once_and_never_while_another_is() -> None:
    kiosk = station()
    kiosk.to_plate()
    assert kiosk.sees(lies=True, fresh=True, hint=Hint.SHINY) == []
    kiosk.sees(ready=True, lies=True, fresh=True)
    kiosk.sees(ready=True, lies=True, fresh=True)
    assert len(kiosk.of(a.Capture)) == 1
    assert kiosk.scanning.hint is Hint.HOLD
    taking = kiosk.of(a.Capture)[0]
    kiosk.send(a.Captured(taking.session, taking.order, (kiosk.shot(),)))
    assert kiosk.scanning.hint is Hint.NEXT
    kiosk.send(a.Captured(taking.session, taking.order, (kiosk.shot(),)))
    assert len(kiosk.scanning.pages) == 1
    assert kiosk.of(a.Drop)[-1].pages == ("s1-2",), "what nobody waits for is let go of"


def test_nothing_is_taken_while_a_panel_lies_over_it() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.tap(e.AskHelp())
    kiosk.sees(ready=True, lies=True, fresh=True)
    assert kiosk.of(a.Capture) == []
    kiosk.tap(e.CloseHelp())
    kiosk.wait(95)
    assert kiosk.model.idle_left is not None
    kiosk.send(a.Saw(kiosk.scanning.session, 1.0, Hint.HOLD, ready=True, lies=True, fresh=True))
    assert kiosk.of(a.Capture) == []


def test_hands_at_the_plate_keep_the_visit_alive() -> None:
    kiosk = station()
    kiosk.to_plate()
    for _ in range(6):
        kiosk.wait(70)
        kiosk.page()
    assert len(kiosk.scanning.pages) == 6
    kiosk.wait(90 + 21)
    assert kiosk.model.screen is Screen.START
    assert ends(kiosk) == [UseEnd.LEFT]


def test_small_papers_at_once_are_papers_of_their_own_and_a_new_paper_can_be_said() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.page()
    kiosk.tap(a.NextPaper())
    kiosk.page()
    kiosk.page(count=2)
    kiosk.tap(a.AllDone())
    assert [[page.id for page in paper] for paper in kiosk.scanning.papers] == [
        ["s1-1", "s1-2"], ["s1-3"], ["s1-4"], ["s1-5"],
    ]  # fmt: skip
    kiosk.tap(a.ShowPage("s1-2"))
    kiosk.tap(a.ChooseKind())
    kiosk.tap(a.IsKind(PaperKind.BANK))
    assert kiosk.scanning.papers[0][0].kind is PaperKind.BANK
    kiosk.tap(a.BeginsPaper())
    assert [len(paper) for paper in kiosk.scanning.papers] == [1, 1, 1, 1, 1]


def test_a_page_can_be_turned_cut_anew_retaken_and_deleted() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.page()
    kiosk.tap(a.AllDone())
    kiosk.tap(a.ShowPage("s1-1"))
    kiosk.tap(a.TurnPage())
    turning = kiosk.of(a.Rework)[-1]
    assert (turning.page, turning.turn) == ("s1-1", 90)
    assert kiosk.tap(a.TurnPage()) == [Sound(Tone.REFUSED)], "one after the other"
    kiosk.send(a.Reworked(1, turning.order, (a.Shot("s1-1", 2339, 1654, SQUARE),)))
    assert (kiosk.scanning.pages[0].version, kiosk.scanning.pages[0].wide) == (2, 2339)
    kiosk.tap(a.ChangeCorners())
    moved = ((0.2, 0.1), *SQUARE[1:])
    kiosk.tap(a.MoveCorners(moved))
    assert kiosk.of(a.Rework)[-1].corners == moved
    kiosk.send(a.Reworked(1, kiosk.of(a.Rework)[-1].order, ()))
    kiosk.tap(a.Retake())
    kiosk.page()
    assert [page.id for page in kiosk.scanning.pages] == ["s1-3", "s1-2"]
    assert (kiosk.scanning.at, kiosk.scanning.retakes) == (At.PAGE, 1)
    kiosk.tap(a.DeletePage())
    kiosk.tap(a.ShowPage("s1-2"))
    kiosk.tap(a.DeletePage())
    assert (kiosk.scanning.at, kiosk.scanning.pages) == (At.PLATE, ())
    assert kiosk.tap(a.AllDone()) == [], "without a page there is nothing to send"


def test_a_hundred_pages_are_as_much_as_goes() -> None:
    kiosk = station()
    kiosk.to_plate()
    for _ in range(MOST_PAGES // 4):
        kiosk.page(count=4)
    assert kiosk.scanning.hint is Hint.FULL
    assert len(kiosk.scanning.pages) == MOST_PAGES
    before = len(kiosk.of(a.Capture))
    kiosk.sees(ready=True, lies=True, fresh=True)
    kiosk.tap(a.TakePicture())
    assert len(kiosk.of(a.Capture)) == before
    assert kiosk.scanning.hint is Hint.FULL


def test_a_hundred_pages_may_take_their_time_to_become_black() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(a.AllDone())
    kiosk.tap(a.SwitchColour())
    recolour = kiosk.of(a.Recolour)[-1]
    kiosk.wait(40)
    assert kiosk.scanning.working == recolour.order
    page = kiosk.scanning.pages[0]
    kiosk.send(a.Reworked(recolour.session, recolour.order, (a.Shot(page.id, 1654, 2339),)))
    assert (kiosk.scanning.pages[0].version, kiosk.scanning.working) == (2, 0)


def test_back_never_loses_a_page() -> None:
    kiosk = station()
    kiosk.begin("tax")
    kiosk.tap(a.Without())
    kiosk.tap(a.GoOn())
    kiosk.page()
    for at in (At.BEFORE, At.REFERENCE, At.PURPOSE, At.CHECK, At.PLATE):
        kiosk.tap(e.GoBack())
        assert kiosk.scanning.at is at
    assert len(kiosk.scanning.pages) == 1


def test_back_from_the_first_page_leaves_for_the_needs_without_a_trace() -> None:
    kiosk = station()
    kiosk.begin("")
    kiosk.tap(e.GoBack())
    assert (kiosk.model.screen, kiosk.model.visitor.scanning) == (Screen.NEEDS, None)
    assert ends(kiosk) == [UseEnd.CANCELLED]


def test_the_wish_to_talk_in_private_can_be_taken_back_without_loss() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(e.TalkInPrivate())
    assert kiosk.model.screen is Screen.SERVICES
    assert wanted(kiosk.model) == "nothing"
    kiosk.tap(e.GoBack())
    assert len(kiosk.scanning.pages) == 1
    kiosk.tap(e.TalkInPrivate())
    kiosk.tap(e.ChooseService("private"))
    assert kiosk.model.screen is Screen.TICKET
    assert kiosk.of(a.Keep) == [], "what was not sent does not go along unasked"
    assert [use.ended for use in kiosk.of(a.TellUse)] == [UseEnd.PERSON]
    assert len(kiosk.of(a.Wipe)) == 1


# Sending ------------------------------------------------------------------------------------------------------


def test_what_fails_is_said_and_can_be_tried_again_with_every_page() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(a.AllDone())
    kiosk.tap(a.Send())
    first = kiosk.of(a.Keep)[-1]
    kiosk.send(a.NotKept(first.session, first.order, "disk"))
    assert (kiosk.scanning.at, kiosk.scanning.failed, len(kiosk.scanning.pages)) == (At.FAILED, "disk", 1)
    kiosk.send(e.Faulted(e.Fault.JOURNAL_FULL))
    assert kiosk.model.screen is Screen.SCAN, "a full disk takes nobody's pages from the screen"
    kiosk.tap(a.Send())
    kiosk.send(a.Kept(first.session, first.order, "f" * 32, "BCDFGHJW", 1))
    assert kiosk.scanning.at is At.SENDING, "an answer to the first try"
    kiosk.kept()
    assert kiosk.scanning.at is At.SENT
    kiosk.tap(e.Done())
    assert kiosk.model.screen is Screen.OUT_OF_ORDER


def test_a_disk_that_does_not_answer_is_said_and_its_late_answer_counts() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(a.AllDone())
    kiosk.tap(a.Send())
    kiosk.wait(27)
    assert (kiosk.scanning.at, kiosk.scanning.failed) == (At.FAILED, "slow")
    kiosk.kept()
    assert kiosk.scanning.at is At.SENT


def test_closing_time_lets_whoever_has_pages_finish() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.send(e.FeedChanged(with_plate(is_open=False)))
    assert kiosk.model.screen is Screen.SCAN
    kiosk.tap(a.AllDone())
    kiosk.tap(a.Send())
    kiosk.kept()
    kiosk.tap(e.Done())
    assert kiosk.model.screen is Screen.CLOSED
    other = station()
    other.to_plate()
    other.send(e.FeedChanged(with_plate(is_open=False)))
    assert other.model.screen is Screen.CLOSED
    assert len(other.of(a.Wipe)) == 1


def test_a_receipt_is_printed_again_when_nobody_knows_and_not_without_end() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(a.AllDone())
    kiosk.tap(a.Send())
    kiosk.kept()
    for count in (2, 3, 3):
        kiosk.send(a.ReceiptPrinted(1, "BCDFGHJW", PaperState.UNKNOWN))
        kiosk.tap(a.PrintAgain())
        assert len(kiosk.of(a.PrintReceipt)) == count
    assert kiosk.of(a.PrintReceipt)[-1].receipt.copies == 2
    kiosk.send(e.Received("f" * 32))
    assert kiosk.scanning.receipt is not None
    assert kiosk.scanning.receipt.received


def test_without_paper_nothing_is_printed_and_a_text_can_be_had() -> None:
    kiosk = station(PrinterState.OUT)
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(a.AllDone())
    kiosk.tap(a.AskReceipt())
    kiosk.tap(a.ByText())
    kiosk.types("0770")
    kiosk.tap(a.GoOn())
    assert kiosk.scanning.wrong is not None
    assert kiosk.scanning.wrong.key == "wrong.phone_short"
    kiosk.types("0900123")
    kiosk.tap(a.GoOn())
    assert (kiosk.scanning.at, kiosk.scanning.phone) == (At.CHECK, "+447700900123")
    kiosk.tap(a.Send())
    kiosk.kept()
    assert kiosk.of(a.Keep)[-1].phone == "+447700900123"
    assert kiosk.of(a.PrintReceipt) == []
    assert kiosk.scanning.receipt is not None
    assert kiosk.scanning.receipt.paper is PaperState.NOT_PRINTED


def test_a_slip_in_an_address_is_asked_about_and_an_odd_one_believed() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(a.AllDone())
    for answer, kept in ((a.TakeMeant(), "ayse@gmail.com"), (a.GoOn(), "ayse@gmial.com")):
        kiosk.tap(a.AskReceipt())
        kiosk.tap(a.ByEmail())
        while kiosk.scanning.typed:
            kiosk.tap(a.Erase(), after=0.6)
        kiosk.types("ayse@gmial.com")
        kiosk.tap(a.GoOn())
        assert kiosk.scanning.meant == "ayse@gmail.com"
        kiosk.tap(answer)
        assert (kiosk.scanning.at, kiosk.scanning.email) == (At.CHECK, kept)


# A person -----------------------------------------------------------------------------------------------------


def test_a_person_is_a_ticket_with_the_pages_or_somebody_here() -> None:
    kiosk = station()
    kiosk.begin("tax")
    kiosk.tap(a.Without())
    kiosk.tap(a.GoOn())
    kiosk.page()
    kiosk.tap(e.AskHelp())
    assert kiosk.scanning.at is At.PERSON
    kiosk.tap(a.WantPerson())
    assert kiosk.model.visitor.help_shown
    assert isinstance(kiosk.effects[-1], CallPerson)
    kiosk.tap(e.CloseHelp())
    kiosk.tap(a.TicketInstead())
    assert [order.service for order in kiosk.of(TakeTicket)] == ["tax"]
    (keep,) = kiosk.of(a.Keep)
    assert keep.ticket == "t1"
    assert kiosk.model.screen is Screen.TICKET
    assert kiosk.effects.index(keep) < kiosk.effects.index(kiosk.of(a.Wipe)[0])
    assert ends(kiosk) == [UseEnd.PERSON]


@pytest.mark.parametrize("purpose", ["parking", "tax"])
def test_without_a_line_to_stand_in_somebody_comes(purpose: str) -> None:
    kiosk = station()
    kiosk.send(e.FeedChanged(with_plate(tax_open=False)))
    kiosk.begin(purpose)
    kiosk.tap(a.WantPerson())
    assert kiosk.model.visitor.help_shown
    assert kiosk.of(TakeTicket) == []


# Codes, and what lies there ----------------------------------------------------------------------------------


def test_a_letters_code_begins_a_scan_with_what_it_says() -> None:
    kiosk = station()
    kiosk.send(e.Scanned("https://foyer.example/hand-in/tax/AB%2012", kiosk.at))
    assert (kiosk.scanning.at, kiosk.scanning.purpose, kiosk.scanning.case) == (At.BEFORE, "tax", "AB 12")


def test_a_tickets_code_goes_along_and_an_appointments_is_arriving_unless_papers_come_first() -> None:
    kiosk = station()
    kiosk.send(e.Scanned("https://foyer.example/t/Secret-1", kiosk.at))
    assert (kiosk.scanning.at, kiosk.scanning.follow) == (At.PURPOSE, "Secret-1")
    kiosk.send(e.Scanned("https://foyer.example/check-in/BCDFGHJW", kiosk.at + 1))
    assert kiosk.scanning.case == "BCDFGHJW"
    kiosk.tap(e.HideNow())
    kiosk.send(e.Scanned("https://foyer.example/check-in/BCDFGHJW", kiosk.at + 2))
    assert kiosk.model.visitor.checking is not None
    first = station(first=True)
    first.send(e.Scanned("https://foyer.example/check-in/BCDFGHJW", first.at))
    assert first.scanning.case == "BCDFGHJW"


@pytest.mark.parametrize(
    "text",
    [
        "https://elsewhere.example/hand-in/tax", "https://foyer.example/t/", "https://foyer.example/t/a/b", "WIFI:x", "http://[", "",
        "https://foyer.example/t/" + "x" * 101, "BCDFGHJX", "hand-in/tax",
    ],
)  # fmt: skip
def test_what_says_nothing_begins_nothing(text: str) -> None:
    assert read_code(text, "https://foyer.example/", booked=True) is None


def test_a_case_in_a_code_is_taken_only_as_it_could_be_typed() -> None:
    read = read_code("https://foyer.example/hand-in/tax/" + "9" * 41, "https://foyer.example/", booked=True)
    assert read is not None
    assert (read.purpose, read.case) == ("tax", "")


def test_a_paper_that_lies_there_at_the_end_is_said_and_later_told() -> None:
    kiosk = station()
    kiosk.to_plate()
    kiosk.page()
    kiosk.tap(a.AllDone())
    kiosk.tap(a.Send())
    kiosk.sees(lies=False)
    kiosk.kept()
    assert wanted(kiosk.model) == "whether_it_lies"
    assert Sound(Tone.WARNING) in kiosk.sees(lies=True)
    kiosk.tap(e.Done())
    told = kiosk.send(a.Saw(0, kiosk.at, Hint.HOLD, lies=True))
    assert [type(effect) for effect in told] == [CallPerson]
    assert kiosk.send(a.Saw(0, kiosk.at, Hint.HOLD, lies=True)) == []
    assert kiosk.model.banner is not None
    assert kiosk.model.banner[0].key == "scan.left_title"
    kiosk.send(a.Saw(0, kiosk.at, Hint.LAY))
    assert kiosk.model.banner is None
