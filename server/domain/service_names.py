"""How services are called in figures: under which name, since when, and which may not be named. Pure.

Sums are kept by what a service was, and read by what it is. Two things are applied whenever sums are read, so that they hold for the past as well, also for sums whose rows are
gone: a service that is discreet or private **now** loses its name (it counts under `UNNAMED`), and one that another **continues** counts under that one. So a service renamed in
the middle of a year keeps one line (its name is that of today), one that replaced two others has their past in its own line, and the notes say so. What goes on under another is
retired; the chain may have several links.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from server.domain.spans import Span
from server.domain.sums import UNNAMED, Spread, Sums
from server.domain.tallies import LEAST_SHOWN, OTHER

ALL_TOGETHER = "All needs together"

_NOTHING = Spread()
_FIRST = frozenset(
    (
        *("service", "help", "called", "served", "no_show", "cancelled", "left_parked", "transferred"),
        *("reopened", "inaccurate", "again", "first_time", "walk", "serve", "park"),
    )
)
"""Keys whose second step is a service."""
_SECOND = frozenset(("outcome", "avoidable", "booking", "wait", "said", "estimate"))
"""Keys whose third step may be one."""
_NO_SERVICE = frozenset(("band", "took"))


@lru_cache(maxsize=16_384)
def service_at(key: str) -> int | None:
    """Which step of a key of sums names a service; None: none does."""
    steps = key.split("/")
    place = _place(steps)
    return place if place is not None and len(steps) > place and steps[place].isdecimal() else None


def _place(steps: list[str]) -> int | None:
    head, second = steps[0], steps[1] if len(steps) > 1 else ""
    if head in _FIRST:
        return 1
    if head == "estimate":
        return None if second in _NO_SERVICE else 2 if second == "error" else 1
    if head == "wait":
        return None if second == "half" else 2
    if head == "said":
        return 2 if second == "service" else None
    return 2 if head in _SECOND else None


class ServiceNow(NamedTuple):
    """A service as it is set up now, its figures' English name, and which slugs it continues. `unnamed`: it is discreet or private."""

    id: int
    slug: str
    name: str
    unnamed: bool
    continues: tuple[str, ...]
    retired_on: date | None


class Row(NamedTuple):
    """One line of a table by service. `services`: the ids whose sums it is of (after merging); of the last line several, or what may not be named."""

    name: str
    services: tuple[int, ...]


@dataclass(frozen=True)
class ServicesNamed:
    """The services of one centre as figures tell them."""

    services: Mapping[int, ServiceNow]
    """By id, in their order; retired ones too."""
    goes_to: Mapping[int, int]
    """Of every service whose sums are told under another id, that id; `UNNAMED` for what may not be named."""
    keys: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """What each key of sums is read as, once it was asked for."""

    def name(self, service: int) -> str:
        known = self.services.get(service)
        return OTHER if known is None or service in self.goes_to else known.name

    @property
    def named(self) -> dict[int, str]:
        """The services that have a line of their own."""
        return {each.id: each.name for each in self.services.values() if each.id not in self.goes_to}

    def read(self, sums: Sums) -> Sums:
        """The same sums, by the services as they are told now."""
        moved = (
            {key: into for key in (*sums.counts, *sums.spreads) if (into := self._key(key)) != key}
            if self.goes_to
            else {}
        )
        if not moved:
            return sums
        read = Sums()
        dict.update(read.counts, sums.counts)
        read.spreads.update(sums.spreads)
        for key, into in moved.items():
            if key in read.counts:
                read.counts[into] += read.counts.pop(key)
            if key in read.spreads:
                both = Spread()
                both.add(read.spreads.pop(key))
                both.add(read.spreads.get(into, _NOTHING))
                read.spreads[into] = both
        return read

    def _key(self, key: str) -> str:
        found = self.keys.get(key)
        if found is None:
            self.keys[key] = found = self._key_anew(key)
        return found

    def _key_anew(self, key: str) -> str:
        place = service_at(key)
        if place is None:
            return key
        steps = key.split("/")
        into = self.goes_to.get(int(steps[place]))
        if into is None:
            return key
        steps[place] = str(into)
        return "/".join(steps)

    def rows(self, sums: Sums, size: Callable[[Sums, int], int], least: int = LEAST_SHOWN) -> list[Row]:
        """The lines of a table by service that single nobody out, the largest first, as `server.domain.tallies.fold` wants it.

        `size` says of how many people or needs a service's line tells: every service with fewer than `least`, and what may not be named, are one last line, and should that one hold
        fewer than `least` itself, the smallest of the rest goes into it too. Services that nobody came for have no line. What a line tells is for the caller to add up over its
        `services`: counts, spreads, whatever it shows.
        """
        sizes = {service: size(sums, service) for service in (*self.named, UNNAMED)}
        sizes = {service: number for service, number in sizes.items() if number}
        shown = sorted(
            (service for service, number in sizes.items() if number >= least and service != UNNAMED),
            key=lambda service: (-sizes[service], self.name(service), service),
        )
        rest = [service for service in sizes if service not in shown]
        while shown and 0 < sum(sizes[service] for service in rest) < least:
            rest.append(shown.pop())
        rows = [Row(self.name(service), (service,)) for service in shown]
        return [*rows, Row(OTHER if rows else ALL_TOGETHER, tuple(sorted(rest)))] if rest else rows

    def notes(self, span: Span) -> tuple[str, ...]:
        """What somebody who reads figures of `span` by service must know: which go on under another name."""
        found = []
        for each in self.services.values():
            into = self.goes_to.get(each.id)
            if into is None or into == UNNAMED or each.unnamed:
                continue
            since = "" if each.retired_on is None else f" until {each.retired_on.day} {each.retired_on:%B %Y}"
            if each.retired_on is None or each.retired_on >= span.first:
                found.append(f"{self.name(into)} includes {each.name}, as it was called{since}.")
        return tuple(found)


def name_services(services: Iterable[ServiceNow]) -> ServicesNamed:
    """Who goes on under whom. A slug that is continued by two, or in a ring, stays by itself at the first that makes no sense; what may not be named wins over everything."""
    known = {each.id: each for each in services}
    of_slug = {each.slug: each for each in known.values()}
    heir: dict[int, int] = {}
    for each in known.values():
        for slug in each.continues:
            old = of_slug.get(slug)
            if old is not None and old.id != each.id and old.id not in heir:
                heir[old.id] = each.id
    goes_to: dict[int, int] = {}
    for each in known.values():
        into = _last(each.id, heir)
        if each.unnamed or known[into].unnamed:
            goes_to[each.id] = UNNAMED
        elif into != each.id:
            goes_to[each.id] = into
    return ServicesNamed(known, goes_to)


def _last(service: int, heir: Mapping[int, int]) -> int:
    seen = {service}
    while (after := heir.get(service)) is not None and after not in seen:
        service = after
        seen.add(service)
    return service
