"""What somebody wants to read figures of: which time, at which centre, and what that time is compared with. Pure.

One value, so that a page, a file and a report that ask for the same are told the same. While a time still runs, what it is compared with is cut to as
many days as have passed of it: a quarter half over beside a whole one would only say that it is not over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from server.domain import spans
from server.domain.spans import Span


@dataclass(frozen=True)
class Asked:
    """`before` and `year_before` are already cut to as far as `span` has run; `now` in microseconds."""

    span: Span
    before: Span
    year_before: Span
    today: date
    now: int
    centre: int
    centre_name: str
    zone: ZoneInfo
    centres: tuple[tuple[int, str], ...] = ()
    """Centres whose figures this person may read, with their names: the only ones that may stand beside this one."""
    said: str = ""
    """Why something else is shown than what was asked for."""

    @property
    def passed(self) -> Span | None:
        """The part of the span that is not in the future."""
        return spans.until(self.span, self.today)

    @property
    def runs(self) -> bool:
        """Whether the span has begun and is not over."""
        return self.span.first <= self.today <= self.span.last

    @property
    def query(self) -> str:
        """As an address carries it."""
        return query_of(self.span)

    @property
    def title(self) -> str:
        """The span in words, with a capital: a heading."""
        words = spans.say(self.span)
        return words[:1].upper() + words[1:]

    @property
    def onward(self) -> Span | None:
        """The one after, unless it is wholly in the future."""
        following = spans.after(self.span)
        return following if following.first <= self.today and following.last <= spans.LATEST else None

    @property
    def back(self) -> Span | None:
        """The one before in full, as a link leads to it; None where no figures can be."""
        earlier = spans.before(self.span)
        return earlier if earlier.first < self.span.first else None


def ask(
    span: Span,
    today: date,
    now: int,
    centre: int,
    centre_name: str,
    zone: ZoneInfo,
    centres: tuple[tuple[int, str], ...] = (),
    said: str = "",
) -> Asked:
    """Asked for `span`, with what it is compared with."""
    return Asked(
        span=span,
        before=spans.as_far(spans.before(span), span, today),
        year_before=spans.as_far(spans.year_before(span), span, today),
        today=today,
        now=now,
        centre=centre,
        centre_name=centre_name,
        zone=zone,
        centres=centres,
        said=said,
    )


def query_of(span: Span) -> str:
    """`kind=quarter&first=2023-01-01`."""
    until = f"&last={span.last.isoformat()}" if span.kind is spans.Kind.RANGE else ""
    return f"kind={span.kind.value}&first={span.first.isoformat()}{until}"
