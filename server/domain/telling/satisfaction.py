"""How visitors found their visit: the share who were satisfied, and of what kind of answer, way, language and service; over time; and how many answered at all. Pure.

*Satisfied* is good or very good. Who answers chose to: a share of them is told with the interval in which the truth would lie if they had been drawn by lot
(Wilson's), and with the note that they were not. Shares of fewer than `FEWEST` answers say more of chance than of the house, so a part of time with fewer has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from server.domain.figure import Bars, Cell, Column, Figure, Lines, Measure, Series, Table
from server.domain.rating import REASONS, SATISFIED, SCORES, Interval, interval
from server.domain.spans import Kind, Span
from server.domain.sums import Sums
from server.domain.telling import writing
from server.domain.telling.by_service import Line, Offered, lines
from server.domain.telling.compared import SERVICES_NEED_MONTHS, Compared, floats, points, share
from server.domain.telling.words import LANGUAGES
from wire.vocabulary import FeedbackReason, FeedbackWay, Language

FEWEST = 5
NOBODY = "Nobody said how their visit was in this time."
NOT_EVERYBODY = (
    "Those who answer are not everybody: people who were very content or very cross answer more often, and who was here"
    " several times may have answered several times. Compare it with itself over time rather than with other places."
)
WORDS = {5: "Very good", 4: "Good", 3: "Neither good nor bad", 2: "Poor", 1: "Very poor"}
WAYS = {
    FeedbackWay.EXIT: "At the exit",
    FeedbackWay.PHONE: "On their own ticket's page",
    FeedbackWay.PAPER: "By a square on paper",
}
ABOUT = {
    FeedbackReason.WAIT: "The wait",
    FeedbackReason.STAFF: "The staff",
    FeedbackReason.ANSWER: "Whether they got what they came for",
    FeedbackReason.CLEAR: "Whether it was easy to understand",
    FeedbackReason.LANGUAGE: "Their language",
    FeedbackReason.PRIVACY: "Privacy",
    FeedbackReason.PLACE: "The building",
    FeedbackReason.OTHER: "Something else",
}
_PARTS = {
    Kind.DAY: "Day",
    Kind.WEEK: "Week from",
    Kind.MONTH: "Month from",
    Kind.QUARTER: "Quarter from",
    Kind.YEAR: "Year from",
}
SHARE = Column("share_satisfied", "Satisfied", Measure.SHARE)
_BOUNDS = (
    Column("share_low", "Range from", Measure.SHARE),
    Column("share_high", "Range to", Measure.SHARE),
)
Counts = Mapping[int, int]
"""Answers by score."""


def figures(compared: Compared, parts: Sequence[tuple[Span, Sums]], offered: Offered) -> list[Figure]:
    """`parts`: of the time, in their order; empty or one of a single day."""
    now = compared.now
    return [
        in_all(compared),
        by_way(compared),
        about(now),
        by_language(now),
        *([by_service(compared, offered)] if compared.tells_services else []),
        *([over_time(parts)] if len(parts) > 1 else []),
    ]


def scores(sums: Sums, *key: object) -> dict[int, int]:
    """Answers by score below `said/<key>`."""
    return {score: sums.count("said", *key, score) for score in SCORES}


def satisfied(counts: Counts) -> float | None:
    return share(sum(counts[score] for score in SATISFIED), sum(counts.values()))


def bounds(counts: Counts) -> Interval | None:
    return interval(sum(counts[score] for score in SATISFIED), sum(counts.values()))


# In all ------------------------------------------------------------------------------------------------------------------


def in_all(compared: Compared) -> Figure:
    counts = scores(compared.now, "score")
    answers = sum(counts.values())
    rows = [
        (
            WORDS[score],
            counts[score],
            share(counts[score], answers),
            *compared.cells(partial(_of_score, score=score)),
        )
        for score in SCORES
    ]
    total = ("Together", answers, None, *compared.cells(lambda sums: sum(scores(sums, "score").values())))
    columns = (
        Column("answer", "How the visit was", Measure.TEXT),
        Column("answers", "Answers"),
        Column("share", "Share", Measure.SHARE),
        *compared.columns("answers", "Answers"),
    )
    return Figure(
        slug="satisfied",
        title="How visitors found their visit",
        sentence=_in_all_in_words(compared, counts),
        table=Table(columns, tuple(rows), total),
        definition="satisfaction",
        chart=Bars(tuple(WORDS[score] for score in SCORES), floats([counts[score] for score in SCORES]))
        if answers
        else None,
        notes=(
            *((NOT_EVERYBODY,) if answers else ()),
            *(() if compared.tells_services else (SERVICES_NEED_MONTHS,)),
        ),
    )


def _of_score(sums: Sums, score: int) -> int:
    return sums.count("said", "score", score)


def _in_all_in_words(compared: Compared, counts: Counts) -> str:
    answers, now = sum(counts.values()), satisfied(counts)
    if now is None:
        return NOBODY
    if answers < FEWEST:
        who = "One visitor" if answers == 1 else f"{writing.small(answers)} visitors"
        return f"{who} said how the visit was. Shares of so few say nothing."
    other = compared.first
    then = satisfied(scores(other.sums, "score")) if other else None
    within = bounds(counts)
    assert within is not None
    return (
        f"{writing.share(now)} of the {writing.count(answers)} visitors who answered found their visit good or very good{points(now, then, other)}."
        f" If they were drawn by lot, then 19 times of 20 the share among all visitors would lie between {writing.share(within.low)} and {writing.share(within.high)}."
    )


# How they answered -------------------------------------------------------------------------------------------------------


def by_way(compared: Compared) -> Figure:
    now = compared.now
    by = [(WAYS[way], scores(now, "way", way.value)) for way in FeedbackWay]
    rows = [_row(name, counts) for name, counts in by if sum(counts.values())]
    answers, visits = sum(scores(now, "score").values()), now.count("visits")
    return Figure(
        slug="by-way",
        title="How they answered",
        sentence=_answered_in_words(answers, visits, compared),
        table=Table(_columns("way", "Way"), tuple(rows)),
        definition="response",
        chart=_bars(rows),
    )


def _answered_in_words(answers: int, visits: int, compared: Compared) -> str:
    if not answers:
        return NOBODY
    if not visits:
        return f"{writing.of_these(answers, 'answer', 'answers')} came, and no visit with a ticket."
    rate = f"{answers / visits * 100:.0f}" if answers >= visits / 100 else "fewer than 1"
    other = compared.first
    then = _rate(other.sums) if other else None
    before = f", {then * 100:.0f} {other.words}" if other and then is not None else ""
    return (
        f"{writing.of_these(answers, 'answer', 'answers')} came to {writing.of_these(visits, 'visit', 'visits')} with a ticket: {rate} for"
        f" every 100 visits{before}."
    )


def _rate(sums: Sums) -> float | None:
    return share(sum(scores(sums, "score").values()), sums.count("visits"))


# What it was about -------------------------------------------------------------------------------------------------------


def about(now: Sums) -> Figure:
    by = [(reason, scores(now, "reason", reason.value)) for reason in REASONS]
    by = sorted((each for each in by if sum(each[1].values())), key=lambda each: -sum(each[1].values()))
    rows = tuple(
        (
            ABOUT[reason],
            sum(counts.values()),
            counts[5] + counts[4],
            counts[3],
            counts[2] + counts[1],
            satisfied(counts),
        )
        for reason, counts in by
    )
    columns = (
        Column("about", "What it was about", Measure.TEXT),
        Column("answers", "Answers"),
        Column("praised", "Praised"),
        Column("neither", "Neither"),
        Column("criticised", "Criticised"),
        SHARE,
    )
    return Figure(
        slug="about",
        title="What it was about",
        sentence=_about_in_words(rows),
        table=Table(columns, rows),
        definition="satisfaction",
        chart=Bars(
            tuple(str(row[0]) for row in rows),
            floats([row[2] for row in rows]),
            other=floats([row[4] for row in rows]),
            names=("Praised", "Criticised"),
        )
        if rows
        else None,
    )


def _about_in_words(rows: Sequence[tuple[Cell, ...]]) -> str:
    if not rows:
        return "Nobody said what their answer was about."
    said = []
    for column, deed in ((2, "praised"), (4, "criticised")):
        most = max(rows, key=lambda row: _number(row[column]))
        if number := _number(most[column]):
            name = str(most[0])
            said.append(f"most often {deed}: {name[0].lower()}{name[1:]} ({writing.count(number)})")
    words = "; ".join(said)
    return f"{words[0].upper()}{words[1:]}." if words else "Nobody praised or criticised anything by name."


def _number(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


# By language and service -------------------------------------------------------------------------------------------------


def by_language(now: Sums) -> Figure:
    by = [(LANGUAGES[language], scores(now, "language", language.value)) for language in Language]
    rows = [_row(name, counts) for name, counts in by if sum(counts.values())]
    rows.sort(key=lambda row: -_number(row[1]))
    return Figure(
        slug="by-language",
        title="By language",
        sentence=_language_in_words(rows),
        table=Table(_columns("language", "Language of the answer"), tuple(rows)),
        definition="satisfaction",
        chart=_bars(rows),
    )


def _language_in_words(rows: Sequence[tuple[Cell, ...]]) -> str:
    answers = sum(_number(row[1]) for row in rows)
    if not answers:
        return NOBODY
    other = sum(_number(row[1]) for row in rows if row[0] != LANGUAGES[Language.EN])
    if not other:
        return "All answered in English."
    return f"{writing.share(other / answers)} of the answers were given in another language than English."


def by_service(compared: Compared, offered: Offered) -> Figure:
    """Only the page of a visitor's own ticket knows what they came for."""
    now = _known(compared.now)
    shown = lines(now, offered, lambda line, sums: sum(_of_line(line, sums).values()))
    rows = [_row(line.name, _of_line(line, now)) for line in shown]
    return Figure(
        slug="by-service",
        title="By service",
        sentence=_service_in_words(rows),
        table=Table(_columns("service", "Service"), tuple(rows)),
        definition="satisfaction",
        chart=_bars(rows),
        notes=(
            "Only the page of a visitor's own ticket knows what they came for. Services with fewer than five answers, and all private ones, are told together.",
        )
        if rows
        else (),
    )


def _known(sums: Sums) -> Sums:
    """Answers on tickets' own pages alone: of the others nobody knows the service."""
    phone = sums.by("said", "way", FeedbackWay.PHONE.value)
    found = Sums()
    for key, number in sums.counts.items():
        if key.startswith("said/service/"):
            found.counts[key] = number
    for score in SCORES:
        elsewhere = sums.count("said", "score", score) - phone.get(str(score), 0)
        found.counts[f"said/service/0/{score}"] -= min(elsewhere, found.counts[f"said/service/0/{score}"])
    return found


def _of_line(line: Line, sums: Sums) -> dict[int, int]:
    every = {key.split("/")[2] for key in sums.counts if key.startswith("said/service/")}
    return {
        score: sum(sums.count("said", "service", each, score) for each in every if line.holds(int(each)))
        for score in SCORES
    }


def _service_in_words(rows: Sequence[tuple[Cell, ...]]) -> str:
    told = [(str(row[0]), row[2]) for row in rows if isinstance(row[2], float) and _number(row[1]) >= FEWEST]
    if not rows:
        return "Nobody answered on the page of their own ticket."
    if len(told) < 2:
        return "Too few answered on the page of their own ticket to compare services."
    best, least = max(told, key=lambda each: each[1]), min(told, key=lambda each: each[1])
    if best[1] == least[1]:
        return f"As many were satisfied with one service as with another: {writing.share(best[1])}."
    return f"Most were satisfied with {best[0]} ({writing.share(best[1])}), fewest with {least[0]} ({writing.share(least[1])})."


# Over time ---------------------------------------------------------------------------------------------------------------


def over_time(parts: Sequence[tuple[Span, Sums]]) -> Figure:
    rows: list[tuple[Cell, ...]] = []
    for span, sums in parts:
        counts = scores(sums, "score")
        answers, visits = sum(counts.values()), sums.count("visits")
        told = satisfied(counts) if answers >= FEWEST else None
        rows.append((span.first, answers, told, visits, share(answers, visits)))
    columns = (
        Column("first", _PARTS.get(parts[0][0].kind, "From"), Measure.DATE),
        Column("answers", "Answers"),
        SHARE,
        Column("visits", "Visits"),
        Column("response", "Response", Measure.SHARE),
    )
    return Figure(
        slug="over-time",
        title="Satisfied, over time",
        sentence=_over_time_in_words(rows),
        table=Table(columns, tuple(rows)),
        definition="satisfaction",
        chart=Lines(
            tuple(f"{span.first.day} {span.first:%b}" for span, _ in parts),
            (Series("Satisfied", floats([row[2] for row in rows])),),
            Measure.SHARE,
        )
        if any(row[2] is not None for row in rows)
        else None,
        notes=(f"Where fewer than {FEWEST} answered, no share is told.",)
        if any(row[2] is None and row[1] for row in rows)
        else (),
    )


def _over_time_in_words(rows: Sequence[tuple[Cell, ...]]) -> str:
    told = [(row[0], row[2]) for row in rows if isinstance(row[2], float)]
    if not told:
        return "In no part of this time did enough visitors answer to tell a share."
    low, high = min(told, key=_second), max(told, key=_second)
    if low[1] == high[1]:
        return f"The share of the satisfied was {writing.share(low[1])} throughout."
    return f"The share of the satisfied lay between {writing.share(low[1])} and {writing.share(high[1])}."


def _second(each: tuple[Cell, float]) -> float:
    return each[1]


# Alike -------------------------------------------------------------------------------------------------------------------


def _columns(key: str, title: str) -> tuple[Column, ...]:
    return (Column(key, title, Measure.TEXT), Column("answers", "Answers"), SHARE, *_BOUNDS)


def _row(name: str, counts: Counts) -> tuple[Cell, ...]:
    within, answers = bounds(counts), sum(counts.values())
    enough = within is not None and answers >= FEWEST
    return (
        name,
        answers,
        satisfied(counts) if enough else None,
        within.low if within and enough else None,
        within.high if within and enough else None,
    )


def _bars(rows: Sequence[tuple[Cell, ...]]) -> Bars | None:
    told = [row for row in rows if row[2] is not None]
    if not told:
        return None
    return Bars(tuple(str(row[0]) for row in told), floats([row[2] for row in told]), Measure.SHARE)
