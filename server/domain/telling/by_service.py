"""The lines of a table by service: which services it may name, and what goes together into the last. Pure.

A service is named when at least `LEAST_SHOWN` of what the table is about were its own. The rest, and with them everything that may not be named at all (`UNNAMED`: discreet services
and visits), is one line, which is itself never smaller than that (`tallies.fold` argues why). What a time may tell by service is `tallies.may_be_told_by_need`'s to say: of any two
times that differ by a day the difference would tell what the day's own line hides, so services are told of a day or of whole months that are over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.domain.sums import UNNAMED, Spread, Sums
from server.domain.tallies import LEAST_SHOWN, OTHER
from server.domain.telling.compared import in_all

ALONE = "All services together"
"""What the line of everything is called when no service can be named."""


@dataclass(frozen=True)
class Offered:
    """What telling needs to know of the services of a centre. A service that may not be named is not in `names`.

    `private_minutes` is the target of every visit whose service may not be named, as the floor has it.
    """

    names: Mapping[int, str]
    targets: Mapping[int, int]
    private_minutes: int = 20

    def target(self, service: int) -> int:
        return (
            self.targets.get(service, self.private_minutes) if service in self.names else self.private_minutes
        )


@dataclass(frozen=True)
class Line:
    """One row: its name, and whose figures are in it. `service` None: several."""

    name: str
    ids: tuple[int, ...]
    service: int | None = None

    def count(self, sums: Sums, *key: str, then: str = "") -> int:
        """`count(sums, "service", then="left")` adds up `service/<id>/left` of the line's services."""
        end = (then,) if then else ()
        return sum(sums.count(*key, each, *end) for each in self.ids)

    def spread(self, sums: Sums, *keys: str) -> Spread:
        """All spreads of the line's services under these paths, such as `wait/walk_in`."""
        return in_all(sums.spread(key, each) for key in keys for each in self.ids)


def lines(sizes: Mapping[int, int], offered: Offered) -> list[Line]:
    """The named services, the largest first, and last everything else; empty when there is nothing."""
    named = sorted(
        (each for each, size in sizes.items() if size >= LEAST_SHOWN and each in offered.names),
        key=lambda each: (-sizes[each], offered.names[each]),
    )
    rest = sum(size for each, size in sizes.items() if each not in named)
    while named and 0 < rest < LEAST_SHOWN:
        rest += sizes[named.pop()]
    shown = [Line(offered.names[each], (each,), each) for each in named]
    if not rest:
        return shown
    return [*shown, Line(OTHER if shown else ALONE, everybody(sizes, offered, leaving=named).ids)]


def everybody(sizes: Iterable[int], offered: Offered, leaving: Iterable[int] = ()) -> Line:
    """All services in one, those that none asked for too: they may have been asked for in the time compared with."""
    every = {UNNAMED, *sizes, *offered.names} - set(leaving)
    return Line(ALONE, tuple(sorted(every)))


def ids_of(sums: Sums, *keys: str) -> dict[int, int]:
    """Counts by service under `keys`, such as `called`, added together."""
    found: dict[int, int] = {}
    for key in keys:
        for each, count in sums.by(key).items():
            if each.isdecimal():
                found[int(each)] = found.get(int(each), 0) + count
    return found
