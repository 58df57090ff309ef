from __future__ import annotations

import json
import string
from datetime import date, time
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.centrefile import CentrePlan, document, read, read_document, write
from server.centrefile.bookables import ROOMS, SPOKEN
from server.centrefile.handing import OfferedForm, handing_table
from server.centrefile.offering import WHOLE, offer_document
from server.centrefile.plan import ICONS, Area, Bookable, Choice, Counter, Message, Service, Staff
from server.domain.handing import Portal, Purpose, Team, TeamWay, portals, purposes, teams
from server.domain.hours import Closure, Hours, Special, Usual
from server.domain.offers import Offer, Question, read_offer
from server.domain.tallies import TAPPED
from wire.asks import clean_text
from wire.vocabulary import Activity, BookableKind, CounterKind, Language, Role, TicketClass

YORK_HOUSE = Path(__file__).resolve().parents[3] / "server" / "centrefile" / "york-house.toml"
LANGUAGES = tuple(language.value for language in Language)

SLUGS = st.text(string.ascii_lowercase, min_size=1, max_size=8)
TEXTS = st.text(max_size=20).map(clean_text).filter(bool)
DATES = st.dates(date(2026, 1, 1), date(2030, 12, 31))
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
ROLES = st.sets(st.sampled_from(Role), min_size=1).map(
    lambda some: tuple(role for role in Role if role in some)
)
WORDS = st.dictionaries(st.sampled_from(LANGUAGES[1:]), TEXTS, max_size=2).flatmap(
    lambda others: TEXTS.map(lambda english: {"en": english, **others})
)


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date]:
    first, last = sorted([draw(DATES), draw(DATES)])
    return first, last


def usual(days: tuple[date | None, date | None], weekday: int, opens: time, closes: time) -> Usual:
    return Usual(weekday, opens, closes, *days)


FROM_TO = st.tuples(TIMES, TIMES).map(lambda pair: (min(pair), max(pair)))
"""Hours past midnight are among those of the tests of agreement."""
USUAL = st.builds(
    lambda days, weekday, times: usual(days, weekday, *times),
    st.one_of(st.just((None, None)), periods()),
    st.integers(0, 6),
    FROM_TO,
)
HOURS = st.builds(
    Hours,
    st.lists(USUAL, max_size=4, unique_by=lambda each: each.weekday).map(tuple),
    st.lists(
        st.builds(lambda on, times: Special(on, *times), DATES, FROM_TO),
        max_size=2,
        unique_by=lambda each: each.held_on,
    ).map(tuple),
    st.lists(
        st.builds(lambda period, reason: Closure(period[0], period[1], reason), periods(), WORDS),
        max_size=2,
        unique_by=lambda each: (each.first_on, each.last_on),
    ).map(tuple),
)

LONG = FROM_TO.filter(lambda pair: pair[1].hour - pair[0].hour > 8)
QUESTIONS = st.builds(
    lambda slug, text, required, choices: Question(slug, text, required, choices),
    SLUGS,
    WORDS,
    st.booleans(),
    st.dictionaries(SLUGS, WORDS, max_size=3).filter(lambda choices: len(choices) != 1),
)
MANNER = st.sampled_from(["required", "optional", "no"])


@st.composite
def offers(draw: st.DrawFn, rooms: list[str], private: bool) -> Offer:
    """Of every value one that is not what is left out, now and then."""
    numbers = {key: draw(st.integers(*bounds)) for key, bounds in WHOLE.items()}
    numbers["notice_hours"] = min(numbers["notice_hours"], numbers["ahead_days"] * 24 - 1)
    times = draw(st.lists(st.tuples(st.integers(0, 6), LONG), max_size=3, unique_by=lambda each: each[0]))
    return Offer(
        **numbers,
        by_people=draw(st.booleans()),
        rooms=tuple(draw(st.lists(st.sampled_from(rooms), unique=True))) if rooms else (),
        public=not private and draw(st.booleans()),
        partner=draw(st.one_of(st.just(""), TEXTS)),
        asks={"name": draw(MANNER), "phone": draw(MANNER), "email": draw(MANNER)},
        questions=tuple(draw(st.lists(QUESTIONS, max_size=3, unique_by=lambda each: each.slug))),
        bring=tuple(draw(st.lists(WORDS, max_size=3))),
        reminder_hours=tuple(sorted(draw(st.sets(st.integers(1, 720), max_size=4)), reverse=True)),
        hours=Hours(tuple(usual(draw(st.just((None, None))), day, *pair) for day, pair in times)),
    )


def _bookables(
    draw: st.DrawFn, staff: tuple[Staff, ...], rooms: list[str], services: list[str]
) -> tuple[Bookable, ...]:
    rota = st.lists(USUAL, max_size=3, unique_by=lambda each: each.weekday).map(tuple)
    some = st.lists(st.sampled_from(services), max_size=2, unique=True).map(tuple)
    spoken = st.lists(st.sampled_from(SPOKEN), min_size=1, max_size=2, unique=True).map(tuple)
    people = (
        Bookable(BookableKind.PERSON, username=each.username, services=draw(some), rota=draw(rota))
        for each in staff
    )
    in_rooms = (Bookable(BookableKind.ROOM, counter=each, rota=draw(rota)) for each in rooms)
    names = draw(st.lists(TEXTS, max_size=2, unique=True))
    others = (
        Bookable(BookableKind.INTERPRETER, name=each, languages=draw(spoken), rota=draw(rota))
        for each in names
    )
    return (*people, *in_rooms, *others)


ADDRESSES = {
    TeamWay.LIST: "",
    TeamWay.FOLDER: "housing/incoming papers",
    TeamWay.SFTP: "sftp://foyer@files.example.org:2222/in",
    TeamWay.WEBHOOK: "https://case.example.org/hand-in?queue=1",
    TeamWay.EMAIL: "housing@example.org",
}


def _handing(draw: st.DrawFn, services: list[str]) -> dict[str, Any]:
    """Purposes, teams, portals and forms, each value now and then another than what is left out."""
    slugs = st.lists(SLUGS, max_size=2, unique=True)
    ways = [(slug, draw(st.sampled_from(TeamWay))) for slug in draw(slugs)]
    maybe: st.SearchStrategy[dict[str, str]] = st.one_of(st.just({}), WORDS)
    service, icon = st.sampled_from(["", *services]), st.sampled_from(ICONS)
    team = st.sampled_from(["", *(slug for slug, _ in ways)])
    return {
        "teams": tuple(
            Team(
                slug,
                draw(TEXTS),
                way,
                ADDRESSES[way],
                attach=way is TeamWay.EMAIL and draw(st.booleans()),
                keep_minutes=draw(st.one_of(st.none(), st.integers(1, 5000))),
            )
            for slug, way in ways
        ),
        "purposes": tuple(
            Purpose(
                slug,
                draw(WORDS),
                draw(icon),
                draw(maybe),
                draw(maybe),
                draw(maybe),
                draw(st.integers(0, 366)),
                draw(team),
                draw(service),
            )
            for slug in draw(slugs)
        ),
        "portals": tuple(
            Portal(
                slug,
                draw(WORDS),
                "https://www.example.org/?a=b#c",
                draw(maybe),
                draw(icon),
                draw(service),
                tuple(draw(st.lists(TEXTS, max_size=2))),
            )
            for slug in draw(slugs)
        ),
        "forms": tuple(
            OfferedForm(
                slug,
                draw(service),
                draw(team),
                draw(st.integers(0, 366)),
                draw(icon),
                draw(st.booleans()),
                draw(st.booleans()),
            )
            for slug in draw(slugs)
        ),
    }


@st.composite
def plans(draw: st.DrawFn) -> CentrePlan:
    areas = [Area(slug, draw(WORDS)) for slug in draw(st.lists(SLUGS, max_size=2, unique=True))]
    choices = draw(st.lists(SLUGS, max_size=3, unique=True))
    services = draw(st.lists(SLUGS, min_size=max(1, len(choices)), max_size=5, unique=True))
    counters = draw(st.lists(SLUGS, max_size=3, unique=True))
    kinds = [draw(st.sampled_from(CounterKind)) for _ in counters]
    rooms = [slug for slug, kind in zip(counters, kinds, strict=True) if kind in ROOMS]
    staff = tuple(
        Staff(f"{slug}1", draw(TEXTS), draw(ROLES)) for slug in draw(st.lists(SLUGS, max_size=2, unique=True))
    )
    return CentrePlan(
        slug=draw(SLUGS),
        name=draw(TEXTS),
        timezone=draw(st.sampled_from(["Europe/London", "Asia/Kolkata"])),
        languages=LANGUAGES,
        wait_here=draw(WORDS),
        address=draw(st.one_of(st.just(""), TEXTS)),
        telephone=draw(st.sampled_from(["", "0116 454 1000", "+44 (0)116 454-1000", "101"])),
        map_url=draw(st.sampled_from(["", "https://maps.example.org/?q=a%20b#here"])),
        find_us=draw(st.one_of(st.just({}), WORDS)),
        idle_seconds=draw(st.integers(20, 600)),
        max_calls=draw(st.integers(1, 10)),
        no_show_minutes=draw(st.integers(1, 60)),
        activities=tuple(each for each in TAPPED if draw(st.booleans())),
        hours=draw(HOURS),
        areas=tuple(areas),
        choices=tuple(Choice(slug, draw(WORDS), draw(st.sampled_from(ICONS))) for slug in choices),
        services=tuple(
            _service(draw, slug, choices[index] if index < len(choices) else None, rooms)
            for index, slug in enumerate(services)
        ),
        counters=tuple(
            Counter(
                slug,
                f"Desk {index}",
                kinds[index],
                draw(st.sampled_from([None, *(area.slug for area in areas)])),
                draw(st.one_of(st.just(""), TEXTS)),
            )
            for index, slug in enumerate(counters)
        ),
        messages=tuple(
            Message(slug, draw(WORDS), draw(st.booleans()))
            for slug in draw(st.lists(SLUGS, max_size=2, unique=True))
        ),
        staff=staff,
        bookables=_bookables(draw, staff, rooms, services),
        **_handing(draw, services),
    )


def _service(draw: st.DrawFn, slug: str, choice: str | None, rooms: list[str]) -> Service:
    private = choice is None and slug == "a"
    offer = draw(st.one_of(st.none(), offers(rooms, private)))
    return Service(
        slug=slug,
        names=draw(WORDS),
        help=draw(st.one_of(st.just({}), WORDS)),
        choice=choice,
        icon=draw(st.sampled_from(ICONS)),
        ticket_class=draw(st.sampled_from(TicketClass)),
        activity=draw(st.sampled_from(Activity)),
        target_minutes=draw(st.integers(1, 480)),
        usual_minutes=draw(st.integers(1, 480)),
        walk_in=True,
        by_appointment=offer is not None or draw(st.booleans()),
        discreet=private or draw(st.booleans()),
        private=private,
        synonyms=tuple(draw(st.lists(TEXTS, max_size=3))),
        lgsl=draw(st.one_of(st.none(), st.integers(1, 9999))),
        continues=(f"once-{slug}",) if draw(st.booleans()) else (),
        hours=draw(HOURS),
        appointments=offer,
    )


@given(plans())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back_the_same(plan: CentrePlan) -> None:
    assert read(write(plan)) == plan
    said = document(plan)
    assert json.loads(json.dumps(said)) == said
    assert read_document(said) == (plan, [])
    extra = {
        key: [handing_table(each) for each in getattr(plan, key)] for key in ("purposes", "teams", "portals")
    }
    extra = json.loads(json.dumps(extra))
    assert (purposes(extra), teams(extra), portals(extra)) == (plan.purposes, plan.teams, plan.portals)
    for service in plan.services:
        kept = json.loads(json.dumps(offer_document(service.appointments)))
        assert read_offer(kept) == service.appointments, "what the database keeps is the same offer"


def test_york_house_written_and_read_again_is_york_house() -> None:
    plan = read(YORK_HOUSE.read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan)
    assert read(write(plan)) == plan
    assert write(plan) == write(plan)
