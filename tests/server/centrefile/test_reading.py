from __future__ import annotations

from pathlib import Path

import pytest

from server.centrefile import CentrePlan, Mistake, read, read_document
from server.centrefile.plan import ICONS, MOST_CHOICES
from wire.vocabulary import CounterKind, Language, Role, TicketClass

YORK_HOUSE = Path(__file__).resolve().parents[3] / "server" / "centrefile" / "york-house.toml"
GOOD = """\
slug = "oadby"
name = "Oadby"
languages = ["en", "pl"]
wait_here.en = "Please take a seat."

[[hours]]
days = ["monday", "Fri"]
opens = "09:00"
closes = 17:00:00

[[choice]]
slug = "money"
icon = "coins"
names.en = "Money"

[[service]]
slug = "council-tax"
choice = "money"
names = { en = "Council tax", pl = "Podatek" }
  [[service.closure]]
  first = 2026-12-24
  reason.en = "The adviser is away."

[[counter]]
slug = "desk-1"
name = "Desk 1"

[[staff]]
username = "ada"
name = "Ada"
roles = ["adviser"]
"""


def test_a_good_file_is_a_plan_with_what_was_left_out_filled_in() -> None:
    plan = read(GOOD)
    assert isinstance(plan, CentrePlan)
    assert (plan.timezone, plan.max_calls) == ("Europe/London", 3)
    assert [usual.weekday for usual in plan.hours.usual] == [0, 4]
    assert f"{plan.hours.usual[0].closes}" == "17:00:00"
    [service] = plan.services
    assert service.ticket_class is TicketClass.ORDINARY
    assert service.hours.closures[0].first_on == service.hours.closures[0].last_on
    assert plan.counters[0].kind is CounterKind.DESK


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('"oadby"', '"Oadby"', 1, "'slug' may have small letters, digits and hyphens only"),
        ('name = "Oadby"\n', "\n", 1, "'name' is missing here."),
        ('["en", "pl"]', '["en", "xx"]', 3, "'languages' cannot be 'xx'. It can be 'en'"),
        ('["en", "pl"]', '["en", "pl", "pl"]', 3, "'languages' names a language twice."),
        ("wait_here.en =", "wait_here =", 4, "'wait_here' must name its language"),
        (
            '"Please take a seat."',
            '"Please\\u202e sit."',
            4,
            "'wait_here.en' has a character that cannot be seen",
        ),
        ('"Please take a seat."', "3", 4, "'wait_here.en' must be text between quotes."),
        ('"Fri"', '"Frday"', 7, "'Frday' is not a day of the week"),
        ('"09:00"', '"9am"', 8, "'opens' must be a time of the day in 24 hours"),
        ('"coins"', '"coin"', 13, "'icon' cannot be 'coin'. Did you mean 'coins'?"),
        ('names.en = "Money"', 'names.pl = "Money"', 14, "'names' has no English."),
        (
            'names.en = "Money"',
            'name.en = "Money"',
            14,
            "'name' is not something this file can say here. Did you mean 'names'?",
        ),
        ('choice = "money"\n', 'choice = "mony"\n', 18, "There is no [[choice]] with the slug 'mony'."),
        (
            'choice = "money"\n',
            'choice = "money"\ncontinues = ["council-tax"]\n',
            19,
            "'council-tax' is still offered here, so its figures stand by themselves.",
        ),
        (
            'choice = "money"\n',
            'class = "fast"\n',
            18,
            "'class' cannot be 'fast'. It can be 'ordinary', 'soon', 'urgent' or",
        ),
        (
            'choice = "money"\n',
            "usual_minutes = 0\n",
            18,
            "'usual_minutes' must be a whole number from 1 to 480",
        ),
        ('choice = "money"\n', 'walk_in = "no"\n', 18, "'walk_in' must be true or false"),
        ('choice = "money"\n', "walk_in = false\n", 18, "A service needs walk_in or by_appointment"),
        ("2026-12-24", '"24 December"', 21, "'first' must be a date, as in 2026-12-24"),
        ("first = 2026-12-24", "first = 2026-12-24\n  last = 2026-12-23", 22, "'last' is before 'first'."),
        ('"ada"', '"Ada L"', 29, "'username' has 2 to 60 small letters"),
        ('["adviser"]', '["boss"]', 31, "'roles' cannot be 'boss'. It can be 'greeter', 'adviser'"),
        ('["adviser"]', '["adviser"]\npassword = "x"', 32, "Passwords do not belong in this file."),
        ("[[staff]]", "[staff]", 28, "'staff' must stand as [[staff]], once for each."),
        ('"Desk 1"', '"Desk 1"\narea = "hall"', 27, "There is no [[area]] with the slug 'hall'."),
        (
            "closes = 17:00:00",
            "closes = 17:00:00\nfrom = 2026-02-01\nuntil = 2026-01-01",
            11,
            "'until' is before",
        ),
        ("closes = 17:00:00", "closes = ", 9, "This is not written as TOML asks: invalid value"),
    ],
)
def test_one_mistake_is_told_with_its_line(old: str, new: str, line: int, reason: str) -> None:
    assert GOOD.count(old) == 1, "the test must change one place"
    mistakes = read(GOOD.replace(old, new))
    assert isinstance(mistakes, list)
    assert [mistake.line for mistake in mistakes if mistake.reason.startswith(reason)] == [line], mistakes


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    mistakes = read(GOOD.replace('"oadby"', '"O"').replace("2026-12-24", "5").replace('["adviser"]', "[]"))
    assert isinstance(mistakes, list)
    assert [mistake.line for mistake in mistakes] == [1, 21, 28]


def test_a_mistake_deep_in_a_list_over_several_lines_has_its_own_line() -> None:
    mistakes = read(GOOD.replace('["monday", "Fri"]', '[\n  "monday",\n  # the market day\n  "Fredag",\n]'))
    assert mistakes == [Mistake(10, "'Fredag' is not a day of the week, as 'tuesday' is.")]


def test_nine_first_choices_are_one_too_many() -> None:
    choices = "".join(
        f'[[choice]]\nslug = "c{index}"\nicon = "bin"\nnames.en = "C {index}"\n'
        f'[[service]]\nslug = "s{index}"\nchoice = "c{index}"\nnames.en = "S {index}"\n'
        for index in range(MOST_CHOICES)
    )
    [mistake] = read(GOOD + choices)  # type: ignore[misc]  # a plan cannot be unpacked, and would fail here
    assert mistake.reason == "At most 8 first choices fit on the kiosk; this is number 9."


def test_a_choice_may_stand_without_a_service() -> None:
    """It is not shown then; and a centre that is being shaped can be exported and read again."""
    assert isinstance(read(GOOD.replace('choice = "money"\n', "")), CentrePlan)


def test_words_in_a_language_not_offered_just_now_are_kept() -> None:
    plan = read(
        GOOD.replace('["en", "pl"]', '["en"]').replace(
            'names.en = "Money"', 'names.en = "Money"\nnames.pl = "Kasa"'
        )
    )
    assert isinstance(plan, CentrePlan)
    assert plan.choices[0].names == {"en": "Money", "pl": "Kasa"}
    assert read(GOOD.replace('names.en = "Money"', 'names.en = "Money"\nnames.xx = "Kasa"')) == [
        Mistake(15, "'names.xx' is not a language that Foyer knows.")
    ]


def _hours(days: str, opens: str, closes: str, more: str = "") -> str:
    return f'[[hours]]\ndays = ["{days}"]\nopens = "{opens}"\ncloses = "{closes}"\n{more}'


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        (_hours("tue", "16:30", "09:30"), "'closes' is before 'opens'."),
        (
            _hours("tue", "09:00", "13:00") + _hours("tue", "12:59", "14:00"),
            "These hours overlap others of the same day",
        ),
        (
            _hours("tue", "09:00", "13:00") + _hours("tue", "08:00", "18:00", "from = 2027-01-01\n"),
            "These hours overlap",
        ),
        (
            '[[exception]]\non = 2026-12-22\nopens = "10:00"\ncloses = "12:00"\n' * 2,
            "These hours overlap others of the same date",
        ),
        ('[[closure]]\nfirst = 2027-12-24\nreason.en = "X"\n' * 2, "Another closure has the same days"),
    ],
)
def test_hours_that_cannot_be_are_told(hours: str, reason: str) -> None:
    mistakes = read(f"{GOOD}{hours}")
    assert isinstance(mistakes, list)
    assert len(mistakes) == 1
    assert mistakes[0].reason.startswith(reason)


@pytest.mark.parametrize(
    "hours",
    [
        _hours("tue", "22:00", "02:00"),
        _hours("tue", "00:00", "00:00"),
        _hours("tue", "09:00", "13:00") + _hours("tue", "13:00", "17:00"),
        _hours("tue", "09:00", "13:00", "until = 2026-12-31\n")
        + _hours("tue", "09:00", "17:00", "from = 2027-01-01\n"),
    ],
)
def test_hours_past_midnight_side_by_side_and_by_season_are_right(hours: str) -> None:
    assert isinstance(read(f"{GOOD}{hours}"), CentrePlan)


def test_a_mistake_is_told_for_a_form_too_without_a_word_of_files() -> None:
    values, faults = read_document(
        {
            "slug": "oadby",
            "name": "x" * 300,
            "languages": ["en"],
            "wait_here": {"pl": "Tu"},
            "service": [{"slug": "a", "names": {"en": "A"}, "choice": "nowhere", "target_minutes": "soon"}],
            "closure": [{"first": "2026-02-30", "reason": {"en": "Closed"}}],
        }
    )
    assert values.name == "x" * 300
    assert {fault.path: fault.say for fault in faults} == {
        ("name",): "This has 300 characters; at most 120 fit. Make it shorter.",
        (
            "wait_here",
            "en",
        ): "Fill this in, in English at least: it is shown where another language has no words.",
        ("service", 0, "target_minutes"): "Write a whole number from 1 to 480.",
        ("service", 0, "choice"): "This first choice is not there then. Choose another.",
        ("closure", 0, "first"): "Write a date with day, month and year.",
    }


def test_names_used_twice_are_told_where_they_come_again() -> None:
    again = '[[counter]]\nslug = "desk-1"\nname = "Desk 1"\n'
    assert read(GOOD + again) == [
        Mistake(33, "Another counter has the slug 'desk-1' already."),
        Mistake(34, "Another counter has the name 'Desk 1' already."),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "discreet = false",
            "The private service must be discreet: its visitors are never called in public.",
        ),
        ('choice = "money"', "The private service has its own button on every screen, and so no choice."),
        (
            "walk_in = false\nby_appointment = true",
            "The private service must be a walk-in: its button gives a ticket.",
        ),
    ],
)
def test_what_the_private_service_cannot_be(line: str, reason: str) -> None:
    private = f'[[service]]\nslug = "private"\nnames.en = "Private"\nprivate = true\n{line}\n'
    assert read(GOOD + private) == [Mistake(36, reason)]


def test_a_second_private_service_is_refused() -> None:
    private = '[[service]]\nslug = "{}"\nnames.en = "Private"\nprivate = true\n'
    assert read(GOOD + private.format("p") + private.format("q")) == [
        Mistake(39, "Only one service can be the private one.")
    ]


def test_a_file_too_long_or_too_deep_is_refused_and_not_read() -> None:
    assert isinstance(read("#" * 1_000_001), list)
    assert isinstance(read("a = " + "[" * 50_000), list)


@pytest.mark.parametrize(
    "text", ["", "\x00", "[[service]]", "[service]\nx=1", "a.b.c = 1", "name = 1979-05-27T07:32:00Z"]
)
def test_odd_files_are_refused_and_never_crash(text: str) -> None:
    mistakes = read(text)
    assert isinstance(mistakes, list)
    assert mistakes
    assert all(mistake.line >= 1 for mistake in mistakes)


# York House ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def york_house() -> CentrePlan:
    plan = read(YORK_HOUSE.read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan), plan
    return plan


def test_york_house_has_what_the_centre_has(york_house: CentrePlan) -> None:
    assert 12 <= len(york_house.services) <= 16
    assert len(york_house.choices) <= MOST_CHOICES
    assert {
        (usual.weekday, f"{usual.opens:%H:%M}", f"{usual.closes:%H:%M}") for usual in york_house.hours.usual
    } == {
        (1, "09:30", "16:30"),
        (3, "09:30", "16:30"),
    }
    assert [counter.kind for counter in york_house.counters] == [CounterKind.DESK] * 6 + [
        CounterKind.ROOM
    ] * 2 + [CounterKind.CRISIS_ROOM]
    assert {role for person in york_house.staff for role in person.roles} == set(Role)
    assert any(service.hours.usual for service in york_house.services)
    assert [service.slug for service in york_house.services if service.private] == ["talk-in-private"]


def test_york_house_says_everything_in_every_language(york_house: CentrePlan) -> None:
    languages = {language.value for language in Language}
    assert set(york_house.languages) == languages
    texts = [york_house.wait_here]
    texts += [choice.names for choice in york_house.choices]
    texts += [service.names for service in york_house.services]
    texts += [service.help for service in york_house.services if not service.private]
    texts += [message.text for message in york_house.messages]
    texts += [closure.reason for closure in york_house.hours.closures]
    for purpose in york_house.purposes:
        texts += [purpose.names, purpose.asks, purpose.ready, purpose.whom]
    for portal in york_house.portals:
        texts += [portal.names, portal.ready]
    assert all(set(words) == languages for words in texts)


def test_the_crisis_rooms_name_tells_nothing(york_house: CentrePlan) -> None:
    [room] = [counter for counter in york_house.counters if counter.kind is CounterKind.CRISIS_ROOM]
    assert "crisis" not in room.name.lower()


def test_every_icon_named_in_the_page_can_be_drawn() -> None:
    page = (YORK_HOUSE.parents[2] / "docs" / "centre-file.md").read_text(encoding="utf-8")
    assert all(f"`{icon}`" in page for icon in ICONS)
