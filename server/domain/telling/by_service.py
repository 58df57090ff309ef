"""The lines of a table by service, each of which can be asked for any figure of the services in it. Pure.

Which services a table may name is `ServicesNamed.rows`' to say; the last line is here everything besides those, so that it tells of a time compared with what it tells of the time
itself. What a time may tell by service at all is `tallies.may_be_told_by_need`'s to say: of any two times that differ by a day the difference would tell what the day's own line hides, so
services are told of a day or of whole months that are over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from server.domain.service_names import ALL_TOGETHER, ServicesNamed
from server.domain.sums import UNNAMED, Spread, Sums
from server.domain.telling.compared import in_all


@dataclass(frozen=True)
class Offered:
    """What telling needs to know of the services of a centre.

    `private_minutes` is the target of every visit whose service may not be named, as the floor has it.
    """

    named: ServicesNamed
    targets: Mapping[int, int]
    private_minutes: int = 20

    def target(self, service: int) -> int:
        """Minutes."""
        return self.private_minutes if service == UNNAMED else self.targets.get(service, self.private_minutes)


@dataclass(frozen=True)
class Line:
    """One row: its name, and whose figures are in it: of the services `ids`, or of all besides those. `service`: the one it names."""

    name: str
    ids: frozenset[int]
    besides: bool = False
    service: int | None = None

    def holds(self, service: int) -> bool:
        return (service in self.ids) is not self.besides

    def count(self, sums: Sums, *key: str, then: str = "") -> int:
        """`count(sums, "service", then="left")` adds up `service/<id>/left` of the line's services."""
        end = (then,) if then else ()
        if not self.besides:
            return sum(sums.count(*key, each, *end) for each in self.ids)
        return sum(sums.count(*key, each, *end) for each in ids_of(sums, "/".join(key)) if self.holds(each))

    def spread(self, sums: Sums, *keys: str) -> Spread:
        """All spreads of the line's services under these paths, such as `wait/walk_in`."""
        if not self.besides:
            return in_all(sums.spread(key, each) for key in keys for each in self.ids)
        return in_all(
            spread for key in keys for each, spread in spreads_of(sums, key).items() if self.holds(each)
        )


EVERYBODY = Line(ALL_TOGETHER, frozenset(), besides=True)


def lines(sums: Sums, offered: Offered, size: Callable[[Line, Sums], int]) -> list[Line]:
    """The named services, those with most of `size` first, and last everything else; empty when there is nothing."""
    named = offered.named
    rows = named.rows(sums, lambda sums, service: size(Line("", frozenset({service})), sums))
    shown = [
        Line(row.name, frozenset(row.services), service=row.services[0])
        for row in rows
        if row.services != (UNNAMED,) and [named.name(each) for each in row.services] == [row.name]
    ]
    if len(shown) == len(rows):
        return shown
    ids = frozenset(each.service for each in shown if each.service is not None)
    return [*shown, Line(rows[-1].name, ids, besides=True)]


def ids_of(sums: Sums, *keys: str) -> dict[int, int]:
    """Counts by service under `keys`, such as `called`, added together."""
    found: dict[int, int] = {}
    for key in keys:
        for each, count in sums.by(key).items():
            if each.isdecimal():
                found[int(each)] = found.get(int(each), 0) + count
    return found


def spreads_of(sums: Sums, key: str) -> dict[int, Spread]:
    """Spreads by service under `key`, such as `wait/walk_in`."""
    return {int(each): spread for each, spread in sums.spreads_by(key).items() if each.isdecimal()}
