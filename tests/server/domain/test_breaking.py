from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.bookables import Account, Somebody
from server.domain.breaking import Appointment, Ground, Reason, Resource, covered, why_broken
from server.domain.capacity import Stretch
from server.domain.offers import Offer
from wire.vocabulary import BookableKind, Role, SkillKind

OPEN = [Stretch(540, 1020)]
ADA = Somebody(1, BookableKind.PERSON, "Ada", account=Account(frozenset({Role.ADVISER})))
ROOM = Somebody(2, BookableKind.ROOM, "Room 1", counter="room-1")
EWA = Somebody(3, BookableKind.INTERPRETER, "Ewa", languages=("pl",))
GROUND = Ground("tax", "Council tax", False, Offer(by_people=True, rooms=("room-1",)), OPEN, OPEN, OPEN, ())
THERE = {
    1: Resource(ADA, [Stretch(600, 720)]),
    2: Resource(ROOM),
    3: Resource(EWA, OPEN),
}
BOOKED = Appointment(
    "a",
    service=7,
    starts=600,
    ends=630,
    held_from=590,
    held_until=640,
    takes={"person": 1, "room": 2, "interpreter": 3},
    interpreter="pl",
)


def reason(appointment: Appointment = BOOKED, ground: Ground = GROUND, **there: Resource | None) -> str:
    """`person`, `room`, `interpreter`: in place of the one there is; None: taken away."""
    found = dict(THERE)
    for kind, resource in there.items():
        number = BOOKED.takes[kind]
        if resource is None:
            del found[number]
        else:
            found[number] = resource
    broken = why_broken(appointment, ground, found)
    return "" if broken is None else broken.reason.value


def test_what_stands_on_firm_ground_is_not_broken() -> None:
    assert reason() == ""


def test_preparation_before_the_doors_open_breaks_nothing() -> None:
    early = replace(BOOKED, starts=540, ends=570, held_from=530, held_until=580)
    assert reason(early, person=Resource(ADA, OPEN)) == ""


@pytest.mark.parametrize(
    ("ground", "expected"),
    [
        (replace(GROUND, offer=None), Reason.NO_SERVICE),
        (replace(GROUND, centre_open=[Stretch(540, 620)]), Reason.CENTRE_CLOSED),
        (replace(GROUND, centre_open=[]), Reason.CENTRE_CLOSED),
        (replace(GROUND, service_open=[Stretch(700, 900)]), Reason.SERVICE_CLOSED),
        (replace(GROUND, offered=[Stretch(615, 900)]), Reason.OTHER_HOURS),
        (replace(GROUND, blocked=[Stretch(629, 640)]), Reason.BLOCKED),
        (replace(GROUND, blocked=[Stretch(630, 640)]), ""),
        (replace(GROUND, discreet=True), Reason.MAY_NOT),
        (replace(GROUND, offer=Offer(by_people=True, rooms=("room-2",))), Reason.MAY_NOT),
    ],
)
def test_hours_blocks_and_the_offer_itself(ground: Ground, expected: str) -> None:
    assert reason(ground=ground) == expected


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (None, Reason.GONE),
        (Resource(replace(ADA, account=Account(disabled=True)), OPEN), Reason.MAY_NOT),
        (Resource(replace(ADA, account=Account(frozenset())), OPEN), Reason.MAY_NOT),
        (Resource(replace(ADA, services=("housing",)), OPEN), Reason.MAY_NOT),
        (
            Resource(
                replace(
                    ADA, account=Account(frozenset({Role.ADVISER}), frozenset({(SkillKind.SERVICE, "x")}))
                ),
                OPEN,
            ),
            Reason.MAY_NOT,
        ),
        (Resource(ADA, OPEN, away=[Stretch(635, 700)]), Reason.AWAY),
        (Resource(ADA, OPEN, away=[Stretch(640, 700)]), ""),
        (Resource(ADA, [Stretch(605, 700)]), Reason.NOT_THERE),
        (Resource(ADA, []), Reason.NOT_THERE),
    ],
)
def test_a_person_gone_away_or_without_the_skill(person: Resource | None, expected: str) -> None:
    assert reason(person=person) == expected


def test_an_interpreter_who_does_not_speak_it_any_more() -> None:
    assert reason(interpreter=Resource(replace(EWA, languages=("so",)), OPEN)) == Reason.MAY_NOT


def test_one_booked_beyond_what_is_offered_minds_the_door_and_absences_but_not_the_rota() -> None:
    over = replace(BOOKED, over=True)
    assert reason(over, replace(GROUND, service_open=[], offered=[]), person=Resource(ADA, [])) == ""
    assert reason(over, replace(GROUND, centre_open=[])) == Reason.CENTRE_CLOSED
    assert reason(over, person=Resource(ADA, OPEN, away=[Stretch(600, 700)])) == Reason.AWAY


def test_a_room_that_staff_named_where_none_is_needed_is_no_fault() -> None:
    assert reason(ground=replace(GROUND, offer=Offer(by_people=True))) == ""


def test_the_gravest_reason_is_told() -> None:
    assert reason(ground=replace(GROUND, centre_open=[], service_open=[]), person=None) == "centre_closed"


def test_spans_that_meet_cover_together() -> None:
    assert covered(Stretch(10, 30), [Stretch(20, 40), Stretch(0, 20)])
    assert not covered(Stretch(10, 30), [Stretch(21, 40), Stretch(0, 20)])
    assert not covered(Stretch(10, 30), [])
