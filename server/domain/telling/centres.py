"""Centres side by side, in all and for each visit, by the same definitions. Pure.

A large centre is not a worse one: what grows with the number of visitors stands beside its share or its figure for each visit, and no figure here ranks people. The order is that of
footfall, in every table the same, so that a centre is found at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.domain import spans
from server.domain.asked import Asked
from server.domain.figure import Bars, Cell, Column, Figure, Grid, Lines, Measure, Ranges, Series, Table
from server.domain.sums import Sums
from server.domain.telling.by_service import EVERYBODY, Offered
from server.domain.telling.compared import TIMES, floats, in_words, share, times
from server.domain.telling.footfall import Counted
from server.domain.telling.footfall_over_time import cut_note, label
from server.domain.telling.waits import of_kind, share_within
from server.domain.telling.why import TARGET, with_outcome
from server.domain.telling.words import ACTIVITIES
from server.domain.telling.writing import compared, count, difference, of_these, together, written
from server.domain.waited import Kind as Came
from wire.vocabulary import Activity

MOST_LINES = 4
"""More lines than this nobody can tell apart; the table holds them all."""
ONLY_ONE = "You are manager at this centre only, so there is none to put beside it."
CENTRE = Column("centre", "Centre", Measure.TEXT)


@dataclass(frozen=True)
class Centre:
    """`parts` divide the time alike for every centre."""

    name: str
    now: Counted
    before: Counted
    parts: tuple[Counted, ...]
    offered: Offered

    @property
    def sums(self) -> Sums:
        return self.now.sums

    @property
    def visits(self) -> int:
        return self.sums.count("visits")


def figures(asked: Asked, centres: Sequence[Centre]) -> list[Figure]:
    ranked = sorted(centres, key=lambda each: (-each.now.total, each.name))
    found = [
        _footfall(asked, ranked),
        _over_time(asked, ranked),
        _activities(ranked),
        _for_each_visit(ranked),
        _waits(ranked),
        _left(ranked),
        _one_visit(ranked),
    ]
    return [each for each in found if each is not None]


def _footfall(asked: Asked, centres: Sequence[Centre]) -> Figure:
    now, before = sum(each.now.total for each in centres), sum(each.before.total for each in centres)
    has_before = before > 0
    rows = tuple(
        (
            each.name,
            each.now.total,
            share(each.now.total, now),
            each.before.total if each.before.total else None,
            difference(each.now.total, each.before.total),
        )
        for each in centres
    )
    chart = Bars(
        tuple(each.name for each in centres),
        floats([each.now.total for each in centres]),
        other=floats([each.before.total or None for each in centres]) if has_before else (),
        names=("This time", "Time before") if has_before else ("", ""),
    )
    return Figure(
        slug="footfall",
        title="Footfall",
        sentence=_footfall_in_words(asked, centres, now, before),
        table=Table(
            (
                CENTRE,
                Column("visitors", "People"),
                Column("share", "Share", Measure.SHARE),
                Column("visitors_before", "Time before"),
                Column("change", "Change", Measure.CHANGE),
            ),
            rows,
            ("Together", now, 1.0 if now else None, before or None, difference(now, before))
            if len(centres) > 1
            else None,
        ),
        definition="centres",
        chart=chart if now else None,
        notes=(ONLY_ONE,) if len(centres) == 1 else (),
    )


def _footfall_in_words(asked: Asked, centres: Sequence[Centre], now: int, before: int) -> str:
    if not now:
        return "Nobody was counted in this time at any of these centres."
    came = "have come so far" if asked.runs else "came"
    than = compared(
        now, before or None, "in the time before" if not asked.runs else "in the same part of the time before"
    )
    said = (
        f"{count(now)} {came} to {of_these(len(centres), 'centre', 'centres')}{f', {than}' if than else ''}"
    )
    changed = [
        (apart, each.name)
        for each in centres
        if (apart := difference(each.now.total, each.before.total)) is not None
    ]
    if len(changed) > 1:
        most, least = max(changed), min(changed)
        if most[0] > 0 > least[0]:
            return f"{said}. {most[1]} grew most ({written(most[0], Measure.CHANGE)}), {least[1]} fell most ({written(least[0], Measure.CHANGE)})."
    return f"{said}."


def _over_time(asked: Asked, centres: Sequence[Centre]) -> Figure | None:
    parts = len(centres[0].parts)
    if parts < 2:
        return None
    by = spans.fitting(asked.span)
    labels = tuple(label(each.span, by) for each in centres[0].parts)
    most_only = (
        (f"The chart shows the {MOST_LINES} with most visitors; the table holds all.",)
        if len(centres) > MOST_LINES
        else ()
    )
    shown = centres[:MOST_LINES]
    busiest = [
        (each.name, spans.say(spans.Span(most.span.first, most.span.last, by)))
        for each in shown
        if (most := max(each.parts, key=lambda part: part.total)).total
    ]
    return Figure(
        slug="over-time",
        title=f"By {by.value}",
        sentence=f"Busiest: {together([f'{name} {when}' for name, when in busiest])}."
        if busiest
        else "Nothing is known over time.",
        table=Table(
            (
                Column("from", by.value.capitalize(), Measure.TEXT),
                *(Column(_key(n), each.name) for n, each in enumerate(centres)),
            ),
            tuple((labels[n], *(each.parts[n].total for each in centres)) for n in range(parts)),
        ),
        definition="centres",
        chart=Lines(
            labels, tuple(Series(each.name, floats([one.total for one in each.parts])) for each in shown)
        )
        if busiest
        else None,
        notes=(*most_only, *cut_note(centres[0].parts, by)),
    )


def _key(number: int) -> str:
    return f"centre_{number + 1}"


def _activities(centres: Sequence[Centre]) -> Figure | None:
    """What they are used for: shares, so that small and large centres can be compared."""
    shown = [each for each in Activity if any(one.now.of(each) for one in centres)]
    if not shown:
        return None
    shares = [[share(one.now.of(each), one.now.total) for each in shown] for one in centres]
    said = [
        f"{one.name} {ACTIVITIES[most].lower() if most is not Activity.SELF_SERVICE_PC else 'self-service PC'} ({written(share(one.now.of(most), one.now.total), Measure.SHARE)})"
        for one in centres
        if one.now.total and (most := max(shown, key=one.now.of))
    ]
    return Figure(
        slug="activities",
        title="What each is used for",
        sentence=f"Most of all: {together(said)}.",
        table=Table(
            (
                Column("activity", "Activity", Measure.TEXT),
                *(Column(_key(n), one.name) for n, one in enumerate(centres)),
            ),
            tuple((ACTIVITIES[each], *(one.now.of(each) for one in centres)) for each in shown),
            ("Together", *(one.now.total for one in centres)),
        ),
        definition="activities",
        chart=Grid(
            tuple(one.name for one in centres),
            tuple(ACTIVITIES[each] for each in shown),
            tuple(tuple(row) for row in shares),
            Measure.SHARE,
        ),
        notes=("The chart shows the share of each centre's own visitors; the table holds the numbers.",),
    )


def _for_each_visit(centres: Sequence[Centre]) -> Figure:
    """What a visit is, there: how many come on it, how many needs it has, how long it is served."""
    rows = []
    for each in centres:
        served = in_minutes(each.sums, "serve")
        needs = EVERYBODY.count(each.sums, "service")
        rows.append(
            (
                each.name,
                each.visits,
                _by(each.sums.count("visitors"), each.visits),
                _by(needs, each.visits),
                _by(served, each.visits),
            )
        )
    known = [(row[4], row[0]) for row in rows if row[4] is not None]
    sentence = "No visit with a ticket is known of this time."
    if known:
        sentence = f"A visit is served {_apart(known, in_words)}."
    return Figure(
        slug="for-each-visit",
        title="For each visit",
        sentence=sentence,
        table=Table(
            (
                CENTRE,
                Column("visits", "Visits"),
                Column("people_a_visit", "People on it", Measure.NUMBER),
                Column("needs_a_visit", "Needs", Measure.NUMBER),
                Column("minutes_served_a_visit", "Served", Measure.MINUTES),
            ),
            tuple(rows),
        ),
        definition="for-each-visit",
        chart=Bars(tuple(each.name for each in centres), floats([row[4] for row in rows]), Measure.MINUTES)
        if known
        else None,
    )


def _apart(known: Sequence[tuple[float, str]], say: Callable[[float], str]) -> str:
    """ "9% at York House, 7% at New Walk": the most and the least, or that all are alike."""
    most, least = max(known), min(known)
    if len(known) > 1 and say(most[0]) == say(least[0]):
        return f"{say(most[0])} at each"
    return f"{say(most[0])} at {most[1]}" + (f", {say(least[0])} at {least[1]}" if len(known) > 1 else "")


def in_percent(part: float) -> str:
    return written(part, Measure.SHARE)


def in_minutes(sums: Sums, key: str) -> float:
    """All minutes of the spreads under `key` together."""
    return sum(spread.seconds for spread in sums.spreads_by(key).values()) / 60


def _by(number: float, visits: int) -> float | None:
    return round(number / visits, 2) if visits else None


def _waits(centres: Sequence[Centre]) -> Figure:
    spreads = [of_kind(each.sums, Came.WALK_IN) for each in centres]
    met = [share_within(each.sums, Came.WALK_IN, each.offered) for each in centres]
    known = [(part, each.name) for part, each in zip(met, centres, strict=True) if part is not None]
    sentence = "Nobody without an appointment was called in this time."
    if known:
        sentence = f"Called within the target of their service: {_apart(known, in_percent)}."
    return Figure(
        slug="waits",
        title="Waits without an appointment",
        sentence=sentence,
        table=Table(
            (CENTRE, *TIMES, Column("share_within", "Within target", Measure.SHARE)),
            tuple(
                (each.name, *times(spread), part)
                for each, spread, part in zip(centres, spreads, met, strict=True)
            ),
        ),
        definition="waits",
        chart=Ranges(
            tuple(each.name for each in centres),
            floats([spread.median for spread in spreads]),
            floats([spread.ninth for spread in spreads]),
            floats([spread.mean for spread in spreads]),
        )
        if known
        else None,
    )


def _left(centres: Sequence[Centre]) -> Figure:
    return _shares(
        centres,
        ("left", "Left before being served", "left", "visits", "Visits"),
        lambda each: each.sums.count("visits", "left"),
        lambda each: each.visits,
        "Visits that left before being served",
        None,
    )


def _one_visit(centres: Sequence[Centre]) -> Figure:
    return _shares(
        centres,
        ("one-visit", "Resolved in one visit", "one-visit", "with_outcome", "Needs with an outcome"),
        lambda each: EVERYBODY.count(each.sums, "first_time"),
        lambda each: with_outcome(EVERYBODY, each.sums),
        "Needs resolved in one visit",
        TARGET,
    )


def _shares(
    centres: Sequence[Centre],
    named: tuple[str, str, str, str, str],
    of: Callable[[Centre], int],
    all_of: Callable[[Centre], int],
    said: str,
    target: float | None,
) -> Figure:
    """A share for each centre. `named`: slug, title, definition, and the key and title of what it is a share of."""
    slug, title, definition, key, whole = named
    parts = [share(of(each), all_of(each)) for each in centres]
    known = [(part, each.name) for part, each in zip(parts, centres, strict=True) if part is not None]
    sentence = "Nothing is known of this time."
    if known:
        sentence = f"{said}: {_apart(known, in_percent)}."
    rows: list[tuple[Cell, ...]] = [
        (each.name, all_of(each), of(each), part) for each, part in zip(centres, parts, strict=True)
    ]
    return Figure(
        slug=slug,
        title=title,
        sentence=sentence,
        table=Table(
            (
                CENTRE,
                Column(key, whole),
                Column(slug.replace("-", "_"), "Of these"),
                Column("share", "Share", Measure.SHARE),
            ),
            tuple(rows),
        ),
        definition=definition,
        chart=Bars(tuple(each.name for each in centres), tuple(parts), Measure.SHARE, target=target)
        if known
        else None,
    )
