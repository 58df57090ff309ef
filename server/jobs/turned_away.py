"""What was turned away, told to the log once a minute: too much at once, too long, not to be read.

Each of these may be somebody who feels along the walls. A line for each would let anybody fill the log all day, so there is one a minute for each route, with how
often: as the route is written, and nothing of what was sent. Forms with a slip in them are not among it; those people are shown what to put right.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

log = logging.getLogger("foyer.gate")

Answers = Mapping[tuple[str, str, int], int]
"""By method, route and status, how many since the start (`server.measures`)."""

UNREAD, TOO_LONG, NOT_AS_AGREED, TOO_MUCH = 400, 413, 422, 429
PROGRAMS = ("/api/", "/ws/")


def is_turned_away(route: str, status: int) -> bool:
    return status in (UNREAD, TOO_LONG, TOO_MUCH) or (status == NOT_AS_AGREED and route.startswith(PROGRAMS))


def tell(answers: Answers, told: Counter[tuple[str, str, int]]) -> None:
    """A line for each that grew since `told`, which is brought up to now."""
    for (method, route, status), count in list(answers.items()):
        if is_turned_away(route, status) and count > told[method, route, status]:
            number = count - told[method, route, status]
            log.warning("answers %s to %s %s since the last look: %s", status, method, route, number)
            told[method, route, status] = count
