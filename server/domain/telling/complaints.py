"""Complaints, compliments and suggestions in figures: how many came, and how many were acknowledged and answered by when it was promised. Pure.

A promise is judged once it was kept or its day has passed; one that is not due yet is neither kept nor broken. What was withdrawn counts as received and is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from server.domain.figure import Bars, Cell, Column, Figure, Measure, Table
from server.domain.said import ENDED, is_late
from server.domain.sums import UNNAMED, Sums
from server.domain.telling import writing
from server.domain.telling.by_service import Offered
from server.domain.telling.compared import floats, share
from wire.vocabulary import SaidKind, SaidState

KINDS = {
    SaidKind.COMPLAINT: "Complaints",
    SaidKind.COMPLIMENT: "Compliments",
    SaidKind.SUGGESTION: "Suggestions",
}
ONE = {SaidKind.COMPLAINT: "complaint", SaidKind.COMPLIMENT: "compliment", SaidKind.SUGGESTION: "suggestion"}


@dataclass(frozen=True)
class SaidFact:
    """One of them, without a word of it. Dates are the centre's; `ended_on` of whatever end."""

    kind: SaidKind
    state: SaidState
    received_on: date
    service: int | None = None
    acknowledge_due_on: date | None = None
    answer_due_on: date | None = None
    acknowledged_on: date | None = None
    ended_on: date | None = None


def figures(facts: Sequence[SaidFact], today: date, offered: Offered, tells_services: bool) -> list[Figure]:
    return [
        in_time(facts, today),
        *([by_service(facts, offered)] if tells_services and facts else []),
    ]


def acknowledged_in_time(facts: Sequence[SaidFact], today: date) -> float | None:
    judged = [
        kept
        for each in facts
        if each.state is not SaidState.WITHDRAWN
        and (kept := _kept(each.acknowledge_due_on, each.acknowledged_on, today)) is not None
    ]
    return share(sum(judged), len(judged))


def answered_in_time(facts: Sequence[SaidFact], today: date) -> float | None:
    judged = [
        kept
        for each in facts
        if each.state is not SaidState.WITHDRAWN
        and (kept := _kept(each.answer_due_on, each.ended_on, today)) is not None
    ]
    return share(sum(judged), len(judged))


def _kept(due_on: date | None, done_on: date | None, today: date) -> bool | None:
    """Whether it was done by its day; None while that is open, or where nothing was promised."""
    if due_on is None or (done_on is None and today <= due_on):
        return None
    return done_on is not None and done_on <= due_on


def in_time(facts: Sequence[SaidFact], today: date) -> Figure:
    rows: list[tuple[Cell, ...]] = [
        (KINDS[kind], *_cells([each for each in facts if each.kind is kind], today)) for kind in SaidKind
    ]
    return Figure(
        slug="complaints",
        title="Complaints, compliments and suggestions",
        sentence=_in_words(facts, today),
        table=Table(
            (
                Column("kind", "What", Measure.TEXT),
                Column("received", "Received"),
                Column("acknowledged_in_time", "Acknowledged in time", Measure.SHARE),
                Column("answered_in_time", "Answered or passed on in time", Measure.SHARE),
                Column("still_open", "Still open"),
                Column("late", "Late now"),
            ),
            tuple(rows),
            ("Together", *_cells(facts, today)),
        ),
        definition="complaints",
        chart=Bars(tuple(str(row[0]) for row in rows), floats([row[1] for row in rows])) if facts else None,
    )


def _cells(facts: Sequence[SaidFact], today: date) -> tuple[Cell, ...]:
    return (
        len(facts),
        acknowledged_in_time(facts, today),
        answered_in_time(facts, today),
        sum(each.state not in ENDED for each in facts),
        sum(is_late(each.state, each.acknowledge_due_on, each.answer_due_on, today) for each in facts),
    )


def _in_words(facts: Sequence[SaidFact], today: date) -> str:
    if not facts:
        return "No complaint, compliment or suggestion was received in this time."
    came = writing.together(
        [
            writing.of_these(number, ONE[kind], f"{ONE[kind]}s")
            for kind in SaidKind
            if (number := sum(each.kind is kind for each in facts))
        ]
    )
    said = [f"{came} {'was' if len(facts) == 1 else 'were'} received."]
    complaints = [each for each in facts if each.kind is SaidKind.COMPLAINT]
    answered = answered_in_time(complaints, today)
    if answered is not None:
        said.append(
            f"Of the complaints whose answer was due, {'none was' if not answered else writing.share(answered) + ' were'} answered in time."
        )
    late = sum(is_late(each.state, each.acknowledge_due_on, each.answer_due_on, today) for each in facts)
    if late:
        said.append(f"{writing.small(late)} {'is' if late == 1 else 'are'} late now.")
    return " ".join(said)


def by_service(facts: Sequence[SaidFact], offered: Offered) -> Figure:
    """Where it was said what it was about; by the same rule as every other figure by service."""
    counted = Sums()
    for each in facts:
        counted.tell(1, "service", UNNAMED if each.service is None else each.service)
    read = offered.named.read(counted)
    complaints = _complaints(facts, offered)
    lines = offered.named.rows(read, lambda sums, service: sums.count("service", service))
    rows = tuple(
        (
            line.name,
            sum(read.count("service", each) for each in line.services),
            sum(complaints.get(each, 0) for each in line.services),
        )
        for line in lines
    )
    return Figure(
        slug="complaints-by-service",
        title="Complaints and compliments by service",
        sentence=f"Most were about {rows[0][0]}."
        if len(rows) > 1
        else "Too few named a service to tell services apart.",
        table=Table(
            (
                Column("service", "Service", Measure.TEXT),
                Column("received", "Received"),
                Column("complaints", "Of these, complaints"),
            ),
            rows,
        ),
        definition="complaints",
        notes=(
            "Those that name no service, services with fewer than five, and private ones are told together.",
        ),
    )


def _complaints(facts: Sequence[SaidFact], offered: Offered) -> dict[int, int]:
    found: dict[int, int] = {}
    for each in facts:
        if each.kind is SaidKind.COMPLAINT:
            service = UNNAMED if each.service is None else each.service
            into = offered.named.goes_to.get(service, service)
            found[into] = found.get(into, 0) + 1
    return found
