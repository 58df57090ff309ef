"""How right the waits were that visitors were told: in all, by service, over the weeks, by how long was told, and what is held back. Pure.

All of it is of ranges that were told and then put to the proof by a call (`server.domain.scoring`). "Right" is the share of calls that came within the range, and what the ranges aim at
stands beside it, for a share alone says neither good nor bad: ranges that are always right are too wide to be of use. The error is between the range's middle and the call; the bias says
whether calls come later than told or sooner, which a mean error hides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from server.domain.figure import Bars, Cell, Column, Figure, Lines, Measure, Ranges, Series, Table
from server.domain.scoring import (
    BANDS,
    LATELY_DAYS,
    LEAST_DAYS,
    LEAST_JUDGED,
    LEAST_TICKETS,
    RIGHT_FROM,
    WRONG_BELOW,
)
from server.domain.service_names import ServicesNamed
from server.domain.spans import Kind, Span, say
from server.domain.sums import Spread, Sums
from server.domain.telling import writing
from server.domain.telling.compared import SERVICES_NEED_MONTHS, Compared, in_words, share

AIM = 0.8
"""At least so many ranges are meant to be right: 80 in 100 before they are rounded, which makes them wider (`server.domain.waiting`)."""
NOTHING = "Nobody was told a wait and then called in this time."
_FROM = {
    Kind.WEEK: "Week from",
    Kind.MONTH: "Month from",
    Kind.QUARTER: "Quarter from",
    Kind.YEAR: "Year from",
}
HELD, TOLD, YOUNG = "Held back", "Told", "Told; too few visitors yet"
_SHARES = (
    Column("judged", "Ranges judged"),
    Column("right", "Right", Measure.SHARE),
    Column("sooner", "Called sooner", Measure.SHARE),
    Column("later", "Called later", Measure.SHARE),
)
_ERRORS = (
    Column("mean_error", "Mean error", Measure.MINUTES),
    Column("median_error", "Median error", Measure.MINUTES),
    Column("ninth_error", "9 in 10 off by at most", Measure.MINUTES),
    Column("bias", "Called later by (−\u00a0sooner)", Measure.MINUTES),
)


class Lately(NamedTuple):
    """One service in the last four weeks: ranges judged, and of these right; `held`: nobody is told any now."""

    name: str
    judged: int
    right: int
    proved: bool
    held: bool
    week_judged: int
    week_right: int


class Score(NamedTuple):
    """Of some ranges: told, and by how they turned out; `seconds` off, and later than told (`bias`)."""

    told: int
    within: int
    early: int
    late: int
    seconds: int
    bias: int
    error: Spread

    @property
    def judged(self) -> int:
        return self.within + self.early + self.late

    @property
    def right(self) -> float | None:
        return share(self.within, self.judged)

    @property
    def mean_error(self) -> float | None:
        return self.seconds / 60 / self.judged if self.judged else None

    @property
    def mean_bias(self) -> float | None:
        return self.bias / 60 / self.judged if self.judged else None

    def shares(self) -> tuple[Cell, ...]:
        """The columns `_SHARES`."""
        judged = self.judged
        return (judged, self.right, share(self.early, judged), share(self.late, judged))

    def errors(self) -> tuple[Cell, ...]:
        """The columns `_ERRORS`."""
        return (self.mean_error, self.error.median, self.error.ninth, self.mean_bias)


def score(sums: Sums, services: Sequence[int] | None = None) -> Score:
    """Of the ranges of `services`, or of all."""
    ids = services_of(sums) if services is None else services
    error = Spread()
    for each in ids:
        error.add(sums.spread("estimate", "error", each))

    def all_of(what: str) -> int:
        return sum(sums.count("estimate", each, what) for each in ids)

    return Score(
        all_of("told"),
        all_of("within"),
        all_of("early"),
        all_of("late"),
        all_of("minutes"),
        all_of("bias"),
        error,
    )


def services_of(sums: Sums) -> list[int]:
    """The services that any range was told of."""
    found = (key.split("/") for key in sums.counts if key.startswith("estimate/") and key.endswith("/told"))
    return sorted({int(steps[1]) for steps in found if len(steps) == 3})


def figures(
    compared: Compared, series: Sequence[tuple[Span, Sums]], lately: Sequence[Lately], named: ServicesNamed
) -> list[Figure]:
    """`series`: weeks up to the end of the time asked for, or the parts of a longer one."""
    return [
        in_all(compared),
        held_back(lately),
        *([by_service(compared, named)] if compared.tells_services else []),
        over_time(series),
        by_length(compared.now),
    ]


def in_all(compared: Compared) -> Figure:
    now = score(compared.now)
    rows = [_times_row("This time", now)]
    rows += [_times_row(other.title, score(other.sums)) for other in compared.others if other.sums.counts]
    columns = (
        Column("time", "Time", Measure.TEXT),
        Column("told", "Ranges told"),
        Column("never_called", "Never called"),
        *_SHARES,
        *_ERRORS,
    )
    before = compared.first
    then = score(before.sums) if before else None
    chart = Bars(
        ("Right", "Called sooner", "Called later"),
        _three(now),
        Measure.SHARE,
        _three(then) if then and then.judged else (),
        ("This time", before.title) if before and then and then.judged else ("", ""),
    )
    return Figure(
        slug="how-right",
        title="How right the ranges were",
        sentence=_in_words(now),
        table=Table(columns, tuple(rows)),
        definition="estimates",
        chart=chart if now.judged else None,
        notes=() if compared.tells_services else (SERVICES_NEED_MONTHS,),
    )


def _times_row(name: str, of: Score) -> tuple[Cell, ...]:
    return (name, of.told, of.told - of.judged, *of.shares(), *of.errors())


def _three(of: Score) -> tuple[float | None, ...]:
    return (of.right, share(of.early, of.judged), share(of.late, of.judged))


def _in_words(of: Score) -> str:
    if not of.judged or of.right is None or of.mean_error is None or of.mean_bias is None:
        if of.told:
            return f"{writing.of_these(of.told, 'range was', 'ranges were')} told in this time, but nobody who was told one was called."
        return NOTHING
    if of.judged == 1:
        came = {0: "within it", 1: "sooner than told", 2: "later than told"}[of.early + 2 * of.late]
        return f"One visitor was told a range and then called: {came}. One says nothing yet of how right they are."
    return (
        f"{writing.share(of.right)} of the {writing.count(of.judged)} ranges visitors were told before they were called were right; at least {writing.share(AIM)} should be."
        f" On average the call came {in_words(of.mean_error)} before or after the middle of the range; {_bias(of.mean_bias)}."
    )


def _bias(minutes: float) -> str:
    if abs(minutes) < 0.5:
        return "on the whole visitors were called neither later nor sooner than told"
    return f"on the whole visitors were called {in_words(abs(minutes))} {'later' if minutes > 0 else 'sooner'} than told"


# Held back -------------------------------------------------------------------------------------------------------------


def held_back(lately: Sequence[Lately]) -> Figure:
    """What is told now, and what is not because it was wrong too often."""
    held = [each.name for each in lately if each.held]
    rows = tuple(
        (
            each.name,
            HELD if each.held else TOLD if each.proved else YOUNG,
            each.judged,
            share(each.right, each.judged),
            each.week_judged,
            share(each.week_right, each.week_judged),
        )
        for each in sorted(lately, key=lambda each: (not each.held, -each.judged, each.name))
    )
    columns = (
        Column("service", "Service", Measure.TEXT),
        Column("now", "Now", Measure.TEXT),
        Column("judged", "Judged in 4 weeks"),
        Column("right", "Right in 4 weeks", Measure.SHARE),
        Column("judged_week", "Judged in the last week"),
        Column("right_week", "Right in the last week", Measure.SHARE),
    )
    notes = (
        f"A service is held back when fewer than {WRONG_BELOW:.0%} of its ranges of the last {LATELY_DAYS // 7} weeks were right, and told again from {RIGHT_FROM:.0%} on:"
        f" over the four weeks, or in the last week alone. It takes at least {LEAST_JUDGED} ranges, of {LEAST_TICKETS} visitors on {LEAST_DAYS} days, to judge by. Ranges go on"
        " being worked out and judged meanwhile, so a service comes back by itself.",
    )
    return Figure(
        slug="held-back",
        title="What is told now",
        sentence=_held_in_words(held, bool(lately)),
        table=Table(columns, rows),
        definition="estimates-held",
        notes=notes,
    )


def _held_in_words(held: Sequence[str], any_known: bool) -> str:
    if held:
        them = "it" if len(held) == 1 else "them"
        return f"Visitors are told “we cannot say” for {writing.together(held)}, because the ranges worked out for {them} have been wrong too often lately."
    if any_known:
        return "No service is held back: wherever a counter is open, visitors are told how long they may have to wait."
    return "Nobody has been told a wait in the last four weeks, so there is nothing to judge by yet."


# By service ------------------------------------------------------------------------------------------------------------


def by_service(compared: Compared, named: ServicesNamed) -> Figure:
    """Services are named by how many needs were called, not by ranges: one long wait has many."""
    lines = named.rows(compared.now, lambda sums, service: sums.count("called", service))
    scored = [(line.name, score(compared.now, line.services)) for line in lines]
    scored = [(name, of) for name, of in scored if of.told]
    columns = (Column("service", "Service", Measure.TEXT), *_SHARES, *_ERRORS)
    judged = [(name, of) for name, of in scored if of.right is not None]
    return Figure(
        slug="by-service",
        title="By service",
        sentence=_services_in_words(judged),
        table=Table(columns, tuple((name, *of.shares(), *of.errors()) for name, of in scored)),
        definition="estimates",
        chart=Bars(
            tuple(name for name, _ in judged), tuple(of.right for _, of in judged), Measure.SHARE, target=AIM
        )
        if judged
        else None,
        notes=named.notes(compared.asked.span),
    )


def _services_in_words(judged: Sequence[tuple[str, Score]]) -> str:
    ranked = sorted((of.right or 0.0, name) for name, of in judged)
    if not ranked:
        return NOTHING
    (worst, least), (best, most) = ranked[0], ranked[-1]
    if len(ranked) == 1:
        return f"{most}: {writing.share(best)} of the ranges were right."
    return f"The ranges were most often right for {most} ({writing.share(best)}) and least often for {least} ({writing.share(worst)})."


# Over time -------------------------------------------------------------------------------------------------------------


def over_time(series: Sequence[tuple[Span, Sums]]) -> Figure:
    scored = [(span, score(sums)) for span, sums in series]
    told = [number for number, (_, of) in enumerate(scored) if of.told]
    scored = scored[told[0] :] if told else []  # before the first there was nothing to be right or wrong
    known = [(say(span), of.right) for span, of in scored if of.right is not None]
    columns = (Column("first", _FROM.get(series[-1][0].kind, "Day"), Measure.DATE), *_SHARES, *_ERRORS)
    labels = tuple(f"{span.first.day} {span.first:%b}" for span, _ in scored)
    return Figure(
        slug="trend",
        title="Over the weeks",
        sentence=_trend_in_words(known),
        table=Table(columns, tuple((span.first, *of.shares(), *of.errors()) for span, of in scored)),
        definition="estimates",
        chart=Lines(
            labels, (Series("Right", tuple(of.right for _, of in scored)),), Measure.SHARE, target=AIM
        )
        if known
        else None,
    )


def _trend_in_words(known: Sequence[tuple[str, float | None]]) -> str:
    if not known:
        return "There is nothing to compare over time yet."
    (_, first), (_, last) = known[0], known[-1]
    assert first is not None
    assert last is not None
    if len(known) == 1:
        return f"{writing.share(first)} of the ranges were right in the {known[0][0]}; of other times nothing is known."
    gap = round(last * 100) - round(first * 100)
    by = writing.of_these(abs(gap), "point", "points")
    way = "as in" if not gap else f"{by} {'more' if gap > 0 else 'less'} than in"
    return f"{writing.share(last)} of the ranges were right in the {known[-1][0]}, {way} the {known[0][0]}."


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


# By how long was told --------------------------------------------------------------------------------------------------


def by_length(sums: Sums) -> Figure:
    """What was told against what it really took."""
    rows, took = [], [sums.spread("estimate", "took", band) for band in BANDS]
    for band, spread in zip(BANDS, took, strict=True):
        within, early, late = (
            sums.count("estimate", "band", band, how) for how in ("within", "early", "late")
        )
        judged = within + early + late
        rows.append(
            (
                _upper(_band(band)),
                judged,
                share(within, judged),
                share(early, judged),
                share(late, judged),
                spread.median,
                spread.mean,
                spread.ninth,
            )
        )
    columns = (
        Column("told", "Told (middle of the range)", Measure.TEXT),
        *_SHARES,
        Column("median", "Really: median", Measure.MINUTES),
        Column("mean", "Really: mean", Measure.MINUTES),
        Column("ninth", "Really: 9 in 10 within", Measure.MINUTES),
    )
    chart = Ranges(
        tuple(_upper(_band(band)) for band in BANDS),
        tuple(spread.median for spread in took),
        tuple(spread.ninth for spread in took),
        tuple(spread.mean for spread in took),
    )
    return Figure(
        slug="told-and-real",
        title="What was told, and what it really took",
        sentence=_lengths_in_words(took),
        table=Table(columns, tuple(rows)),
        definition="estimates",
        chart=chart if any(spread.number for spread in took) else None,
    )


def _band(band: int) -> str:
    after = [each for each in BANDS if each > band]
    if not after:
        return f"{band} minutes or more"
    return f"{band} to {after[0]} minutes" if band else f"under {after[0]} minutes"


def _lengths_in_words(took: Sequence[Spread]) -> str:
    known = [(spread.number, band, spread) for band, spread in zip(BANDS, took, strict=True) if spread.number]
    if not known:
        return NOTHING
    _, band, spread = max(known, key=lambda each: each[:2])
    assert spread.median is not None
    assert spread.ninth is not None
    return (
        f"Most often the middle of the range was {_band(band)}: half of those visitors were called within {in_words(spread.median)} of being told, nine in ten within"
        f" {in_words(spread.ninth)}."
    )
