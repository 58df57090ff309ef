"""The rehearsal's plan: in proportion, in order, the same for the same seed, and playable at York House."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from demo.ground import centre_plan
from demo.morning import ADVISERS, MINUTES, PLAYING_GREETER, SERVICES, TRANSFERS, Visitor, booked, visitors
from wire.vocabulary import Role

BEGINS = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CLOSES = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)


def _day(seed: int = 19) -> list[Visitor]:
    return list(visitors(seed, BEGINS, CLOSES))


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    assert _day() == _day()
    assert _day() != _day(20)


def test_they_come_in_order_and_before_the_doors_close() -> None:
    day = _day()
    assert all(one.after <= two.after for one, two in pairwise(day))
    assert BEGINS + day[-1].after < CLOSES
    assert sum(visitor.after < timedelta(0) for visitor in day) > 0, "nobody waits when it begins"


def test_advice_forms_and_support_come_in_the_proportions_that_were_counted() -> None:
    of = {service: activity for activity, services in SERVICES.items() for service, _ in services}
    many = [each for seed in range(40) for each in _day(seed)]
    counted = Counter(of[each.service] for each in many)
    expected = {"scan": 58.3, "advice": 191, "forms": 109, "support": 74, "appointment": 17}
    for activity, count in expected.items():
        share = count / sum(expected.values())
        assert abs(counted[activity] / len(many) - share) < 0.02, activity


def test_five_advisers_can_serve_a_day_and_are_kept_busy() -> None:
    day = _day()
    work = sum((each.walking + each.serving for each in day), timedelta())
    busy = work / (len(ADVISERS) * (CLOSES - BEGINS))
    assert 0.55 < busy < 1.05


def test_what_the_play_names_is_there_at_york_house() -> None:
    plan = centre_plan()
    services = {each.slug for each in plan.services}
    named = {name for several in SERVICES.values() for name, _ in several}
    assert named | set(TRANSFERS) | set(TRANSFERS.values()) <= services
    assert named == set(MINUTES)
    counters, staff = (
        {each.slug for each in plan.counters},
        {each.username: each.roles for each in plan.staff},
    )
    for part in ADVISERS:
        assert part.counter in counters
        assert set(part.services) <= services
        assert Role.ADVISER in staff[part.username]
    assert Role.GREETER in staff[PLAYING_GREETER]
    assert "desk-4" not in {part.counter for part in ADVISERS}, "it is left for whoever watches"


def test_of_those_with_an_appointment_nearly_all_come_most_before_their_time() -> None:
    day = [booked(19, f"{number:032x}") for number in range(400)]
    assert day == [booked(19, f"{number:032x}") for number in range(400)]
    came = [each.before for each in day if each.before is not None]
    assert 0.85 < len(came) / len(day) < 0.97
    assert 0.6 < sum(before > timedelta(0) for before in came) / len(came) < 0.95
    assert max(came) <= timedelta(minutes=14)


def test_who_is_booked_at_york_house_is_served_by_somebody() -> None:
    offered = {each.slug for each in centre_plan().services if each.appointments is not None}
    assert offered
    assert offered <= {service for part in ADVISERS for service in part.services}


def test_every_service_of_the_play_has_an_adviser() -> None:
    served = {service for part in ADVISERS for service in part.services}
    assert {each.service for each in islice(visitors(1, BEGINS, CLOSES), 500)} <= served
