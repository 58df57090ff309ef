"""Checking in for an appointment: every answer a kind sentence and a way on, and nothing of a reference left behind."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.flow import events as e
from kiosk.flow.effects import Forget, LookUp, Print, TakeTicket
from kiosk.flow.found import NO_ANSWER, Appointment, Found, Standing, read_found
from kiosk.flow.line import Line
from kiosk.flow.model import Screen, Visitor
from kiosk.flow.telling import read_scan
from tests.kiosk.flow.walking import DAY, HOUR, TUESDAY_TEN, Kiosk, open_kiosk, with_appointments, york_house
from wire.references import SIGNS, new_reference
from wire.vocabulary import Language, PartState

MINUTE = 60_000
GOOD = new_reference(lambda signs: signs[0])
OTHER = new_reference(lambda signs: signs[5])
AT = TUESDAY_TEN + 20 * MINUTE


def today(starts_at: int = AT, **more: Any) -> Found:
    times = {
        "starts_at": starts_at,
        "from_at": starts_at - 30 * MINUTE,
        "kept_until_at": starts_at + 10 * MINUTE,
    }
    return Found(found="today", **(times | more))


def booked(found: Found | None = None, rows: dict[str, Any] | None = None, **senses: PartState) -> Kiosk:
    """A kiosk with a camera, to whom `GOOD` is known as `found`."""
    kiosk = open_kiosk(with_appointments() if rows is None else rows)
    kiosk.send(e.SensesChanged(senses.get("camera", PartState.READY), senses.get("scanner", PartState.NONE)))
    kiosk.known = {GOOD: found} if found is not None else {}
    return kiosk


def hold_up(kiosk: Kiosk, text: str | None = f"https://foyer.example/check-in/{GOOD}") -> None:
    kiosk.at += 1
    kiosk.send(e.Scanned(text, kiosk.at))


def type_in(kiosk: Kiosk, signs: str, *, pace: float = 0.2) -> None:
    kiosk.wait(1)
    for sign in signs:
        kiosk.tap(e.TypeSign(sign), after=pace)


# The ways in ------------------------------------------------------------------------------------------------


def test_a_code_held_up_is_a_ticket_that_says_the_time() -> None:
    kiosk = booked(today(where="First floor"))
    kiosk.to_check_in()
    assert (kiosk.model.screen, kiosk.model.watching) == (Screen.CHECK_IN, True)
    hold_up(kiosk)
    ticket = kiosk.model.ticket
    assert ticket is not None
    assert ticket.appointment == Appointment(Standing.ON_TIME, AT, "First floor")
    assert kiosk.model.appointment_line is not None
    assert kiosk.model.appointment_line.key == "checkin.ticket_on_time"
    order = kiosk.orders[0]
    assert (order.reference, order.service, order.discreet) == (GOOD, "appointment", False)
    assert kiosk.papers[0].appointment == ticket.appointment
    assert not kiosk.model.watching


def test_a_reference_is_typed_quicker_than_other_touches_and_asks_by_itself() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    kiosk.tap(e.TypeReference())
    type_in(kiosk, GOOD[:5], pace=0.12)
    assert kiosk.model.checking.typed == GOOD[:5]
    kiosk.tap(e.DeleteSign(), after=0.12)
    type_in(kiosk, GOOD[4:])
    assert kiosk.model.ticket is not None


def test_a_slip_of_the_finger_is_told_and_can_be_taken_back() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    kiosk.tap(e.TypeReference())
    wrong = next(sign for sign in SIGNS if sign != GOOD[-1])
    type_in(kiosk, GOOD[:-1] + wrong)
    assert kiosk.model.check_in_hint == Line("checkin.hint_slip")
    assert kiosk.effects.count(LookUp(1, GOOD)) == 0
    kiosk.tap(e.TypeSign(GOOD[0]))
    assert kiosk.model.checking.typed == GOOD[:-1] + wrong, "full"
    kiosk.tap(e.DeleteSign())
    assert kiosk.model.check_in_hint is None
    kiosk.tap(e.TypeSign(GOOD[-1]))
    assert kiosk.model.ticket is not None


def test_signs_that_no_reference_has_are_not_typed() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    kiosk.tap(e.TypeReference())
    type_in(kiosk, "AEI01b")
    assert kiosk.model.checking.typed == ""


def test_who_does_not_have_it_gets_the_ordinary_ticket_for_appointments() -> None:
    kiosk = booked()
    kiosk.to_check_in()
    kiosk.tap(e.WithoutReference())
    assert [(order.service, order.reference) for order in kiosk.orders] == [("appointment", "")]
    assert kiosk.model.ticket is not None
    assert kiosk.model.ticket.appointment is None


@pytest.mark.parametrize("to", ["start", "needs"])
def test_a_scanner_is_heard_on_the_first_screens_too(to: str) -> None:
    kiosk = booked(today(), camera=PartState.NONE, scanner=PartState.READY)
    if to == "needs":
        kiosk.tap(e.ChooseLanguage(Language.UR))
    hold_up(kiosk)
    assert kiosk.model.ticket is not None
    assert kiosk.papers[0].language is (Language.UR if to == "needs" else Language.EN)


def test_without_camera_and_scanner_the_keys_come_at_once() -> None:
    kiosk = booked(today(), camera=PartState.MISSING)
    kiosk.to_check_in()
    assert kiosk.model.screen is Screen.REFERENCE
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.NEEDS


def test_where_no_service_is_the_entry_the_kiosk_has_a_choice_of_its_own() -> None:
    rows = york_house() | {
        "booking": {"kind": "booking", "on": "2026-11-24", "entry": "", "otherwise": "tax"}
    }
    kiosk = booked(today(), rows)
    kiosk.tap(e.ChooseLanguage(Language.GU))
    own = kiosk.model.choices[-1]
    assert own.line == Line("checkin.entry")
    kiosk.tap(e.ChooseNeed("money"))
    assert kiosk.model.ticket is not None, "its service is not the way in"
    kiosk.tap(e.Done())
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed(own.id))
    assert kiosk.model.screen is Screen.CHECK_IN
    hold_up(kiosk)
    assert kiosk.orders[-1].service == "tax"


def test_where_no_appointments_are_made_the_choice_is_what_it_was() -> None:
    rows = with_appointments()
    del rows["booking"]
    kiosk = booked(today(), rows)
    kiosk.to_check_in()
    assert kiosk.model.ticket is not None
    kiosk.tap(e.Done())
    hold_up(kiosk)
    assert (kiosk.model.screen, kiosk.model.visitor) == (Screen.START, Visitor())


def test_the_way_in_is_open_beyond_the_hours_for_walking_in() -> None:
    rows = with_appointments()
    rows["service:appointment"] |= {"open": False, "opens_at": TUESDAY_TEN + HOUR}
    kiosk = booked(today(), rows)
    kiosk.to_check_in()
    assert kiosk.model.screen is Screen.CHECK_IN


def test_back_leads_one_step_at_a_time() -> None:
    kiosk = booked(Found(found="cancelled"))
    kiosk.to_check_in()
    kiosk.tap(e.TypeReference())
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.CHECK_IN
    hold_up(kiosk)
    assert kiosk.model.screen is Screen.TOLD
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.CHECK_IN
    kiosk.tap(e.GoBack())
    assert (kiosk.model.screen, kiosk.model.visitor.checking) == (Screen.NEEDS, None)


def test_the_wish_to_talk_in_private_leads_away_and_back_to_the_needs() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    kiosk.tap(e.TalkInPrivate())
    assert (kiosk.model.screen, kiosk.model.visitor.private, kiosk.model.visitor.checking) == (
        Screen.SERVICES, True, None,
    )  # fmt: skip
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.NEEDS


# When it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "standing"),
    [
        (30, Standing.ON_TIME),
        (0, Standing.ON_TIME),
        (-10, Standing.ON_TIME),
        (-11, Standing.LATE),
        (-300, Standing.LATE),
    ],
)
def test_from_the_first_minute_to_long_after_it_they_get_a_ticket(minutes: int, standing: Standing) -> None:
    kiosk = booked()
    kiosk.to_check_in()
    kiosk.wait(1)
    kiosk.known = {GOOD: today(kiosk.now + minutes * MINUTE)}
    kiosk.send(e.Scanned(GOOD, kiosk.at))
    assert kiosk.model.ticket is not None
    assert kiosk.model.ticket.appointment is not None
    assert kiosk.model.ticket.appointment.standing is standing


def test_who_is_early_is_told_when_to_come_back_and_gets_nothing() -> None:
    kiosk = booked(today(TUESDAY_TEN + 3 * HOUR))
    kiosk.to_check_in()
    hold_up(kiosk)
    told = kiosk.model.checking.told
    assert told is not None
    assert (told.title.key, told.ticket, kiosk.orders) == ("checkin.early_title", False, [])
    said = {name: str(value) for name, value in told.lead.values.items()}
    assert said == {"time": "13:00:00", "from": "12:30:00"}
    kiosk.tap(e.WithoutReference())
    assert kiosk.orders == []


def test_rows_of_yesterday_put_nobody_in_line_today() -> None:
    """The line went down last night, and the same reference is held up the next morning."""
    kiosk = booked(today(AT - DAY))
    kiosk.to_check_in()
    hold_up(kiosk)
    assert kiosk.model.checking.told is not None
    assert kiosk.model.checking.told.title.key == "checkin.past_title"


@pytest.mark.parametrize(
    ("found", "key", "ticket"),
    [
        (Found(found="other_day", starts_at=AT + 2 * DAY), "checkin.day_lead", True),
        (Found(found="other_day", starts_at=AT + 2 * DAY, moved=True), "checkin.moved_lead", True),
        (Found(found="other_day", starts_at=AT - 7 * DAY), "checkin.past_lead", True),
        (Found(found="other_centre", starts_at=AT, centre="Library"), "checkin.centre_lead", True),
        (Found(found="cancelled", starts_at=AT), "checkin.cancelled_lead", True),
        (Found(found="unknown"), "checkin.unknown_lead", True),
        (Found(found="arrived", code="K03"), "checkin.arrived_lead", False),
        (Found(found="arrived"), "checkin.arrived_wait", False),
    ],
)
def test_every_other_answer_is_told_with_a_way_on(found: Found, key: str, ticket: bool) -> None:
    kiosk = booked(found)
    kiosk.to_check_in()
    hold_up(kiosk)
    told = kiosk.model.checking.told
    assert told is not None
    assert (kiosk.model.screen, told.lead.key, told.ticket) == (Screen.TOLD, key, ticket)
    assert kiosk.model.checking.reference == "", "not needed any more"
    kiosk.tap(e.WithoutReference())
    assert [order.reference for order in kiosk.orders] == ([""] if ticket else [])


def test_another_centres_time_is_said_as_its_own() -> None:
    kiosk = booked(Found(found="other_centre", starts_at=AT, centre="Bureau", timezone="Europe/Warsaw"))
    kiosk.to_check_in()
    hold_up(kiosk)
    assert kiosk.model.checking.told is not None
    assert str(kiosk.model.checking.told.lead.values["time"]) == "11:20:00"


def test_one_who_was_not_found_can_try_another_code() -> None:
    kiosk = booked(Found(found="unknown"))
    kiosk.to_check_in()
    hold_up(kiosk)
    kiosk.tap(e.TryAgain())
    assert kiosk.model.screen is Screen.CHECK_IN
    kiosk.known = {OTHER: today()}
    hold_up(kiosk, OTHER)
    assert kiosk.orders[-1].reference == OTHER


# Nobody to ask ----------------------------------------------------------------------------------------------


def test_whom_nobody_can_be_asked_about_is_believed() -> None:
    kiosk = booked()
    kiosk.send(e.LinkChanged(up=False))
    kiosk.to_check_in()
    hold_up(kiosk)
    order = kiosk.orders[0]
    assert (order.reference, order.appointment) == (GOOD, Appointment(Standing.UNSURE))
    assert kiosk.model.appointment_line == Line("checkin.ticket_unsure")


def test_nobody_is_looked_for_for_ever() -> None:
    kiosk = booked()
    kiosk.known = None
    kiosk.to_check_in()
    hold_up(kiosk)
    assert kiosk.model.check_in_hint == Line("checkin.looking")
    hold_up(kiosk, OTHER)
    assert [effect.reference for effect in kiosk.effects if isinstance(effect, LookUp)] == [GOOD]
    kiosk.wait(12)
    assert kiosk.model.ticket is not None
    late = next(effect for effect in kiosk.effects if isinstance(effect, LookUp))
    before = kiosk.model
    kiosk.send(e.LookedUp(late.order, today()))
    assert kiosk.model == before, "an answer that comes too late gives no second ticket"


def test_an_answer_for_who_has_gone_is_nobodys() -> None:
    kiosk = booked()
    kiosk.known = None
    kiosk.to_check_in()
    hold_up(kiosk)
    asked = next(effect for effect in kiosk.effects if isinstance(effect, LookUp))
    kiosk.tap(e.HideNow())
    kiosk.send(e.LookedUp(asked.order, today()))
    assert (kiosk.orders, kiosk.model.visitor, kiosk.model.screen) == ([], Visitor(), Screen.START)


def test_an_answer_about_the_code_before_is_not_taken_for_this_one() -> None:
    kiosk = booked()
    kiosk.known = None
    kiosk.to_check_in()
    hold_up(kiosk)
    first = kiosk.model.order
    kiosk.tap(e.GoBack())
    kiosk.tap(e.ChooseNeed("appointment"))
    hold_up(kiosk, OTHER)
    kiosk.send(e.LookedUp(first, today()))
    assert (kiosk.orders, kiosk.model.looking) == ([], True)
    kiosk.send(e.LookedUp(kiosk.model.order, today()))
    assert [order.reference for order in kiosk.orders] == [OTHER]


def test_an_answer_that_makes_no_sense_is_none() -> None:
    assert read_found({"found": "today"}) == NO_ANSWER
    assert read_found({"found": "somewhere", "starts_at": 1}) == NO_ANSWER
    assert read_found({"found": "unknown", "more": 1}) == Found(found="unknown")


# What else is held up ---------------------------------------------------------------------------------------

URL = "https://foyer.example/"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("https://foyer.example/t/V7xq2mZk4hTQw9LrNc3eYb", "hint_ticket"),
        ("https://foyer.example/b/abc", "hint_link"),
        ("https://www.example.com/offer?id=3", "hint_web"),
        (f"https://evil.example/{GOOD}", "hint_web"),
        ("https://foyer.example/check-in/BCDFGHJB", "hint_unclear"),
        ("WIFI:T:WPA;S:guest;P:secret;;", "hint_other"),
        ("5012345678900", "hint_other"),
        (GOOD[:-1] + next(sign for sign in SIGNS if sign != GOOD[-1]), "hint_slip"),
        ("", "hint_other"),
    ],
)
def test_each_other_code_is_told_for_what_it_is(text: str, key: str) -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    hold_up(kiosk, text)
    assert (kiosk.model.check_in_hint, kiosk.orders) == (Line(f"checkin.{key}"), [])
    hold_up(kiosk)
    assert kiosk.model.ticket is not None, "and the right one is taken after it"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.lower(),
        f"{GOOD[:4]}-{GOOD[4:]}",
        f" {GOOD[:4]} {GOOD[4:]}\n",
        f"HTTPS://OTHER.EXAMPLE/check-in/{GOOD}/",
        f"HTTPS://FOYER.EXAMPLE/CHECK-IN/{GOOD}",
    ],
)
def test_a_reference_is_read_however_it_stands_in_a_code(text: str) -> None:
    assert read_scan(text, URL) == GOOD


@pytest.mark.parametrize("text", ["https://[", "http://[::1", "https://a]b/check-in/", "https://\u2100@x/"])
def test_what_looks_like_an_address_and_is_none_is_told_like_one(text: str) -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    hold_up(kiosk, text)
    assert kiosk.model.check_in_hint == Line("checkin.hint_web")


def test_a_code_that_cannot_be_read_is_told_once_and_replaces_no_other_word() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    hold_up(kiosk, None)
    assert kiosk.model.check_in_hint == Line("checkin.hint_unclear")
    hold_up(kiosk, "WIFI:x")
    hold_up(kiosk, None)
    assert kiosk.model.check_in_hint == Line("checkin.hint_other")


def test_the_camera_says_when_it_cannot_see() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    kiosk.send(e.SensesChanged(PartState.DARK, PartState.NONE))
    assert kiosk.model.check_in_hint == Line("checkin.hint_dark")
    kiosk.send(e.SensesChanged(PartState.SILENT, PartState.NONE))
    kiosk.wait(1)
    assert kiosk.model.check_in_hint is None, "it may just be starting"
    kiosk.wait(6)
    assert kiosk.model.check_in_hint == Line("checkin.hint_camera")


def test_a_camera_unplugged_after_a_wrong_code_asks_for_no_other_code() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    hold_up(kiosk, "WIFI:x")
    kiosk.send(e.SensesChanged(PartState.MISSING, PartState.READY))
    assert kiosk.model.check_in_hint == Line("checkin.hint_other"), "the scanner can read another"
    kiosk.send(e.SensesChanged(PartState.MISSING, PartState.MISSING))
    assert kiosk.model.check_in_hint == Line("checkin.hint_camera")


@pytest.mark.parametrize("scanner", [PartState.READY, PartState.SILENT])
def test_a_camera_unplugged_beside_a_scanner_that_works_is_no_visitors_concern(scanner: PartState) -> None:
    """The screen asks for the scanner then, and must not say besides that the reference has to be typed. One that acts as a keyboard is silent until it reads."""
    kiosk = booked(today())
    kiosk.to_check_in()
    kiosk.send(e.SensesChanged(PartState.MISSING, scanner))
    assert (kiosk.model.camera_there, kiosk.model.scanner_there) == (False, True)
    assert kiosk.model.check_in_hint is None


# Gone is gone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leave", ["hide", "idle", "start again", "evacuated", "closed"])
def test_nothing_of_a_reference_is_left(leave: str) -> None:
    kiosk = booked()
    kiosk.known = None
    kiosk.to_check_in()
    kiosk.tap(e.TypeReference())
    type_in(kiosk, GOOD)
    assert GOOD in repr(kiosk.model)
    if leave == "idle":
        kiosk.send(e.LookedUp(kiosk.model.order, Found(found="cancelled")))
        kiosk.wait(120)
    elif leave == "evacuated":
        kiosk.send(e.FeedChanged(with_appointments(evacuated_at=kiosk.now)))
    elif leave == "closed":
        kiosk.send(e.FeedChanged(with_appointments(open=False)))
    else:
        kiosk.tap(e.HideNow() if leave == "hide" else e.StartAgain())
    assert GOOD not in repr(kiosk.model)
    assert GOOD[:4] not in repr(kiosk.model)
    if leave != "closed":
        assert isinstance(kiosk.effects[-1], Forget)


def test_a_ticket_holds_no_reference() -> None:
    kiosk = booked(today())
    kiosk.to_check_in()
    hold_up(kiosk)
    assert GOOD not in repr(kiosk.model)
    assert not any(GOOD in repr(effect) for effect in kiosk.effects if isinstance(effect, Print))


def test_codes_held_up_one_after_another_are_one_ticket() -> None:
    kiosk = booked(today())
    kiosk.journal_works = False
    kiosk.to_check_in()
    for _ in range(5):
        hold_up(kiosk)
    assert len([effect for effect in kiosk.effects if isinstance(effect, TakeTicket)]) == 1
