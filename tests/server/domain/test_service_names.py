"""A service renamed, merged or made discreet in the middle of a year is told rightly, for the past too; and nobody is singled out."""

from __future__ import annotations

import re
from datetime import date

import pytest

from server.domain import sums as contract
from server.domain.service_names import Row, ServiceNow, ServicesNamed, name_services, service_at
from server.domain.spans import Kind, Span, span_of
from server.domain.sums import Sums

YEAR = span_of(Kind.YEAR, date(2026, 5, 1))


def service(
    number: int,
    name: str,
    *,
    continues: tuple[str, ...] = (),
    unnamed: bool = False,
    retired: date | None = None,
) -> ServiceNow:
    return ServiceNow(number, name.lower(), name, unnamed, continues, retired)


def sums(**needs: int) -> Sums:
    """`s3=7`: seven needs at service 3, each with a wait of four minutes."""
    told = Sums()
    for name, number in needs.items():
        told.tell(number, "service", int(name[1:]))
        for _ in range(number):
            told.put(4 * 60_000_000, "wait", "walk_in", int(name[1:]))
    return told


def needs(told: Sums, service: int) -> int:
    return told.count("service", service)


def named(*services: ServiceNow) -> ServicesNamed:
    return name_services(services)


def test_what_a_service_continues_counts_under_it_through_every_link() -> None:
    tax = named(
        service(1, "Rates", retired=date(2024, 3, 31)),
        service(2, "Tax", continues=("rates", "bills"), retired=date(2026, 4, 30)),
        service(3, "Council-tax", continues=("tax",)),
        service(4, "Bills", retired=date(2025, 3, 31)),
    )
    read = tax.read(sums(s1=2, s2=3, s3=4, s4=1))
    assert read.by("service") == {"3": 10}
    assert read.spread("wait", "walk_in", 3).number == 10
    assert list(tax.named.values()) == ["Council-tax"]
    assert tax.notes(YEAR) == ("Council-tax includes Tax, as it was called until 30 April 2026.",)
    assert len(tax.notes(Span(date(2020, 1, 1), date(2026, 12, 31)))) == 3


def test_what_is_discreet_now_is_unnamed_in_the_past_also_under_another_name() -> None:
    hidden = named(
        service(1, "Refuge", retired=date(2025, 1, 1)),
        service(2, "Safety", continues=("refuge",), unnamed=True),
        service(3, "Talks", unnamed=True, retired=date(2025, 1, 1)),
        service(4, "Advice", continues=("talks",)),
    )
    read = hidden.read(sums(s0=1, s1=2, s2=3, s3=4, s4=5))
    assert read.by("service") == {"0": 10, "4": 5}
    assert hidden.notes(YEAR) == ()
    assert hidden.name(2) == hidden.name(1) == hidden.name(77) == "Other"


@pytest.mark.parametrize(
    "services",
    [
        [service(1, "A", continues=("b",)), service(2, "B", continues=("a",))],
        [service(1, "A", continues=("a", "nobody"))],
        [service(1, "A", continues=("c",)), service(2, "B", continues=("c",)), service(3, "C")],
    ],
    ids=["in a ring", "itself, and what is not there", "by two"],
)
def test_what_makes_no_sense_counts_nothing_twice_and_loses_nothing(services: list[ServiceNow]) -> None:
    told = sums(**{f"s{each.id}": 2 for each in services})
    read = name_services(services).read(told)
    assert sum(read.by("service").values()) == 2 * len(services)


def test_reading_changes_nothing_of_what_is_read() -> None:
    told = sums(s1=2, s2=3)
    before = told.document()
    named(service(1, "A", retired=date(2026, 1, 1)), service(2, "B", continues=("a",))).read(told)
    assert told.document() == before


def test_lines_by_service_single_nobody_out() -> None:
    few = named(
        service(1, "Few"),
        service(2, "Many"),
        service(3, "Some"),
        service(4, "None"),
        service(9, "Safe", unnamed=True),
    )
    assert few.rows(few.read(sums(s1=4, s2=30, s3=9, s9=1)), needs) == [
        Row("Many", (2,)),
        Row("Some", (3,)),
        Row("Other", (0, 1)),
    ]
    assert few.rows(few.read(sums(s2=30, s3=9, s9=1)), needs) == [Row("Many", (2,)), Row("Other", (0, 3))]
    assert few.rows(few.read(sums(s3=9, s1=2)), needs) == [Row("All needs together", (1, 3))]
    assert few.rows(few.read(sums(s3=9)), needs) == [Row("Some", (3,))]
    assert few.rows(Sums(), needs) == []


def test_every_key_of_the_table_with_a_service_is_known_to_have_one() -> None:
    """A key added to the table and forgotten here would tell a discreet service's figures under its own number."""
    lines = [line for line in (contract.COUNTS + contract.SPREADS).splitlines() if line.strip()]
    tried = 0
    for line in lines:
        for pattern in re.findall(r"^\S+", line):
            if pattern.startswith("counter/"):
                continue
            for key in _spelled(pattern):
                place = key.split("/").index("7") if "7" in key.split("/") else None
                assert service_at(key) == place, key
                tried += 1
    assert tried > 60
    assert service_at("visits/half/7") is None
    assert service_at("counter/7/open") is None


def _spelled(pattern: str) -> list[str]:
    """`a/<x|y>/<id>` as a/x/7 and a/y/7; numbers that are no service as 47."""
    found = [""]
    for step in pattern.rstrip(",").split("/"):
        inner = step.strip("<>")
        told = inner.split("|") if step.startswith("<") else [step]
        options = (
            ["7"]
            if inner == "id"
            else ["47" if re.fullmatch(r"\d+(\.\.\d+)?", each) else each for each in told]
        )
        found = [f"{head}/{each}" if head else each for head in found for each in options]
    return found
