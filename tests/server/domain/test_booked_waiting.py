"""Why somebody with an appointment was not called in time, in words one can act on."""

import pytest

from server.domain import booked_waiting, concerns
from server.domain.booked_waiting import MINUTE, Booked, Seat, broken
from wire.vocabulary import AttentionKind

TEN = 1_795_514_400_000_000  # 10:00 in London on Tuesday 24 November 2026
AT_TEN = Booked("t", "K12", "v", 1, TEN - 20 * MINUTE, TEN, discreet=False)
BY_ANN = AT_TEN._replace(person=7, person_name="Ann")
IN_ROOM = AT_TEN._replace(room=5, room_name="Room 2")
DISCREET = BY_ANN._replace(discreet=True, room=5, room_name="Room 2")
ANN = Seat(1, "Desk 1", 7, "Ann", {1, 2})
BOB = Seat(2, "Desk 2", 8, "Bob", {1})
OTHER = Seat(5, "Room 2", 9, "Cay", {3})


def busy(seat: Seat, minutes: int = 5) -> Seat:
    return seat._replace(busy_at=TEN + minutes * MINUTE)


def paused(seat: Seat) -> Seat:
    return seat._replace(paused_at=TEN + 2 * MINUTE)


def why(booked: Booked, *seats: Seat, minutes: int = 10, zone: str = "Europe/London") -> str:
    (found,) = broken([booked], seats, TEN + minutes * MINUTE, zone)
    begins = "K12 has an appointment at 10:00 and has not been called. "
    assert found.say.startswith(begins)
    return found.say.removeprefix(begins)


@pytest.mark.parametrize(
    ("booked", "seats", "said"),
    [
        (AT_TEN, (), "Nobody who serves it is at a counter. Ask somebody to sit down for it."),
        (AT_TEN, (OTHER,), "Nobody who serves it is at a counter. Ask somebody to sit down for it."),
        (AT_TEN, (busy(ANN), BOB), "Bob at Desk 2 is free. Ask them to call now."),
        (BY_ANN, (BOB, ANN), "Ann at Desk 1 is free. Ask them to call now."),
        (
            BY_ANN,
            (busy(BOB),),
            "Ann, with whom it is booked, is not at a counter. The one person who serves it is with a visitor since 10:05."
            " They are among the next to be called. Tell them, or ask for one more counter.",
        ),
        (BY_ANN, (paused(ANN), BOB), "Bob at Desk 2 is free. Ask them to call now."),
        (
            BY_ANN,
            (paused(ANN), busy(BOB, 1)),
            "Ann, with whom it is booked, is on a break since 10:02. The one person who serves it and is not on a break is with a visitor since"
            " 10:01. They are among the next to be called. Tell them, or ask for one more counter.",
        ),
        (
            BY_ANN,
            (ANN._replace(services={2}), busy(BOB)),
            "Ann, with whom it is booked, is at Desk 1, but not for this. Ask them to add it there. The one person who serves it is with a visitor"
            " since 10:05. They are among the next to be called. Tell them, or ask for one more counter.",
        ),
        (
            AT_TEN,
            (busy(ANN, 7), busy(BOB, 4), paused(OTHER._replace(services={1}))),
            "All 2 who serve it and are not on a break are with visitors, the longest since 10:04. They are among the next to be called. Tell them,"
            " or ask for one more counter.",
        ),
        (
            AT_TEN,
            (paused(ANN), paused(BOB)),
            "All 2 who serve it are on a break. Ask them to come back, or somebody else to sit down for it.",
        ),
        (
            IN_ROOM,
            (BOB, busy(OTHER)),
            "Room 2, which it is booked for, is taken since 10:05. Ask how long it takes, or choose another room.",
        ),
        (IN_ROOM, (BOB, OTHER), "Bob at Desk 2 is free. Ask them to call now."),
        (AT_TEN._replace(for_counter=1), (ANN, busy(BOB)), "Ann at Desk 1 is free. Ask them to call now."),
        (AT_TEN._replace(for_counter=3), (busy(ANN), BOB), "Bob at Desk 2 is free. Ask them to call now."),
    ],
)
def test_the_plainest_reason_is_said(booked: Booked, seats: tuple[Seat, ...], said: str) -> None:
    assert why(booked, *seats) == said


@pytest.mark.parametrize("seats", [(), (ANN,), (busy(ANN), busy(OTHER))])
def test_of_a_discreet_one_nothing_is_said_that_tells(seats: tuple[Seat, ...]) -> None:
    said = why(DISCREET, *seats)
    assert not [word for word in ("Ann", "Desk", "Room", "One", "one", "All", "1") if word in said.split()]


def test_the_promise_is_five_minutes_from_the_time_or_from_a_later_arrival() -> None:
    late = AT_TEN._replace(arrived_at=TEN + 8 * MINUTE)
    for booked, due in ((AT_TEN, 5), (late, 13)):
        assert not list(broken([booked], [], TEN + due * MINUTE - 1, "UTC"))
        (told,) = broken([booked], [], TEN + due * MINUTE, "UTC")
        assert told.booked.due_at == TEN + due * MINUTE


def test_the_time_is_told_by_the_centres_clock() -> None:
    (told,) = broken([AT_TEN], [], TEN + 10 * MINUTE, "Europe/Warsaw")
    assert "at 11:00 and" in told.say


class _Waits:
    """As a wait looks to `concerns`, of the same ticket."""

    id, code, service, service_name, target_minutes = "t", "K12", 1, "Council tax", 20
    arrived_at, discreet, private, device, device_name = TEN - 20 * MINUTE, False, False, None, ""


def test_one_person_is_told_of_once_and_before_machines_and_long_waits() -> None:
    seen = concerns.Seen(booked=[AT_TEN], zone="Europe/London", waiting=[_Waits()])
    found = concerns.once_a_person(concerns.notice(seen, TEN + 10 * MINUTE))
    assert [(each.kind, each.subject, each.since_at) for each in found] == [
        (AttentionKind.BOOKED_WAITING, "booked:t", TEN + booked_waiting.PROMISE)
    ]
    order = concerns.URGENCY.index
    assert order(AttentionKind.HELP) < order(AttentionKind.BOOKED_WAITING) < order(AttentionKind.OUT_OF_ORDER)
    assert order(AttentionKind.BOOKED_WAITING) < order(AttentionKind.LONG_WAIT)
