"""What one machine carries, and what councils and a country would need: sums over measured costs and published figures, shown line by line.

The figures of the field: 148,688 visitors in the best year of five centres of one council; a centre's busiest hour has about 2.5 times its mean; a centre is open some
250 days of 8 hours. A visit is four commands at the least (issue, call, arrive, finish); half as many again are reckoned for transfers, notes, health
reports and what staff look at. England's largest councils have a few dozen customer centres; there are some 380 principal councils in Great Britain,
which at five centres each, every one as busy as the best, is 1,900 centres: more than there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BEST_YEAR = 148_688
ITS_CENTRES = 5
OPEN_HOURS = 250 * 8
PEAK = 2.5
COMMANDS_A_VISIT = 6.0
SHARE = 0.5
"""Of a processor that is planned to be used: the rest is for the hour nobody foresaw."""
SCREENS = 10
"""Kiosks, displays and signs of a centre."""


@dataclass(frozen=True)
class Costs:
    """Measured: processor seconds a command, and megabytes a server with its screens and without."""

    server: float
    database: float
    base_mb: float
    mb_a_screen: float


REAL_RATE = BEST_YEAR / ITS_CENTRES / OPEN_HOURS / 3600
"""Visitors a second of one centre as busy as the best were, in its mean hour."""

PLACES = (
    ("the five centres of the best year", 5),
    ("a large council: 40 centres", 40),
    ("200 centres", 200),
    ("every council of Great Britain: 1,900 centres", 1900),
)


def rows(costs: Costs) -> list[dict[str, Any]]:
    return [_row(name, centres, costs) for name, centres in PLACES]


def _row(name: str, centres: int, costs: Costs) -> dict[str, Any]:
    visits = centres * REAL_RATE * PEAK
    commands = visits * COMMANDS_A_VISIT
    return {
        "who": name,
        "visits a second at the peak": round(visits, 3),
        "commands a second": round(commands, 2),
        "processors for servers": round(commands * costs.server / SHARE, 3),
        "processors for PostgreSQL": round(commands * costs.database / SHARE, 3),
        "memory of servers in MB": round(costs.base_mb + centres * SCREENS * costs.mb_a_screen),
    }


def carried(costs: Costs) -> dict[str, Any]:
    """By one machine of four processors, PostgreSQL on it too, half of them used."""
    commands = 4 * SHARE / (costs.server + costs.database)
    return {
        "commands a second": round(commands, 1),
        "visits an hour": round(commands / COMMANDS_A_VISIT * 3600),
        "centres as busy as the best at their peak": round(commands / COMMANDS_A_VISIT / (REAL_RATE * PEAK)),
    }


def lines(costs: Costs) -> list[str]:
    """The sum, for a reader."""
    said = [
        f"Measured: a command costs {1000 * costs.server:.2f} ms of a processor at the servers and {1000 * costs.database:.2f} ms at PostgreSQL, screens shown included.",
        f"A centre as busy as the best: {BEST_YEAR:,} visitors / {ITS_CENTRES} centres / {OPEN_HOURS:,} hours = {REAL_RATE * 3600:.1f} an hour, {REAL_RATE * 3600 * PEAK:.0f} at its peak.",
        f"A visit: {COMMANDS_A_VISIT:g} commands. Planned use of a processor: {SHARE:.0%}.",
        "",
        "| who | visits/s at the peak | commands/s | processors, servers | processors, PostgreSQL | memory of servers, MB |",
        "|---|---|---|---|---|---|",
    ]
    said += ["| " + " | ".join(str(value) for value in row.values()) + " |" for row in rows(costs)]
    one = carried(costs)
    said += [
        "",
        f"One machine of four processors with PostgreSQL on it, half used: {one['commands a second']} commands a second, {one['visits an hour']:,} visits an hour,"
        f" {one['centres as busy as the best at their peak']:,} centres as busy as the best.",
    ]
    return said
