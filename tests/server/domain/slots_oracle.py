"""What can be booked, worked out minute by minute with nothing but loops: slow, plain, and written without a look at the rules it judges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from server.domain.capacity import Capacity, Resource, Stretch, Taken
from server.domain.offers import Offer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minutes_of(stretches: Iterable[Stretch]) -> set[int]:
    return {minute for stretch in stretches for minute in range(stretch.starts, stretch.ends)}


def wall(minute: int, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows; `fold` says whether it shows it for the second time."""
    return (EPOCH + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)


def grid(opening: Stretch, every: int, zone: ZoneInfo) -> list[int]:
    """Every minute of the opening at which the wall clock shows, for the first time, a whole number of steps after the opening's own time."""
    begins = wall(opening.starts, zone).replace(fold=0)
    found = []
    for minute in range(opening.starts, opening.ends):
        shown = wall(minute, zone)
        steps, rest = divmod(shown.replace(fold=0) - begins, timedelta(minutes=every))
        if shown.fold == 0 and rest == timedelta(0) and steps >= 0:
            found.append(minute)
    return found


def visit_of(offer: Offer, start: int) -> set[int]:
    return set(range(start, start + offer.minutes))


def held_of(offer: Offer, start: int) -> set[int]:
    return set(range(start - offer.prepare_minutes, start + offer.minutes + offer.clear_minutes))


def is_free(capacity: Capacity, kind: str, resource: Resource, start: int) -> bool:
    offer = capacity.offer
    if not visit_of(offer, start) <= minutes_of(resource.there):
        return False
    engaged = minutes_of(resource.away)
    for each in capacity.taken:
        if each.takes.get(kind) == resource.id:
            engaged |= set(range(each.held_from, each.held_until))
    return not engaged & held_of(offer, start)


def may_begin(capacity: Capacity, start: int) -> bool:
    offer = capacity.offer
    if not visit_of(offer, start) <= minutes_of(capacity.offered) - minutes_of(capacity.blocked):
        return False
    for minute in held_of(offer, start):
        at_once = sum(
            each.service == capacity.service and each.held_from <= minute < each.held_until
            for each in capacity.taken
        )
        if at_once >= offer.at_once:
            return False
    if not share_allows(capacity, start):
        return False
    return all(
        any(is_free(capacity, kind, each, start) for each in resources)
        for kind, resources in capacity.needs.items()
    )


def share_allows(capacity: Capacity, start: int) -> bool:
    offer = capacity.offer
    (day,) = [day for day in capacity.days if day.first <= start < day.last]
    held = offer.prepare_minutes + offer.minutes + offer.clear_minutes
    return not offer.walk_in_share or booked(capacity, day.first, day.last) + held <= bookable(
        capacity, day.first, day.last
    )


def booked(capacity: Capacity, first: int, last: int) -> int:
    return sum(
        each.held_until - each.held_from
        for each in capacity.taken
        if each.service == capacity.service and first <= each.starts < last
    )


def bookable(capacity: Capacity, first: int, last: int) -> int:
    total = 0
    open_minutes = minutes_of(capacity.offered) - minutes_of(capacity.blocked)
    here = {
        kind: [minutes_of(each.there) - minutes_of(each.away) for each in resources]
        for kind, resources in capacity.needs.items()
        if kind != "interpreter"
    }
    for minute in range(first, last):
        if minute in open_minutes:
            total += min(
                [capacity.offer.at_once, *(sum(minute in each for each in some) for some in here.values())]
            )
    return total * (100 - capacity.offer.walk_in_share) // 100


def conflicts(taken: Sequence[Taken], everybody: Mapping[str, Collection[int]]) -> list[tuple[str, str]]:
    """Pairs of bookings that take the same one at the same minute."""
    found = []
    for number, one in enumerate(taken):
        for other in taken[number + 1 :]:
            together = one.held_from < other.held_until and other.held_from < one.held_until
            same = any(
                one.takes.get(kind) is not None and one.takes.get(kind) == other.takes.get(kind)
                for kind in everybody
            )
            if together and same:
                found.append((one.booking, other.booking))
    return found
