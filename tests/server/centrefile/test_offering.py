"""What a service offers by appointment, and who can be booked: read from the file, every mistake with its line."""

from __future__ import annotations

from datetime import date, time

import pytest

from server.centrefile import CentrePlan, Mistake, read
from server.centrefile.plan import Bookable
from server.domain.hours import Usual
from server.domain.offers import Offer
from wire.vocabulary import BookableKind

GOOD = """\
slug = "oadby"
name = "Oadby"
languages = ["en", "pl"]
wait_here.en = "Please take a seat."
telephone = "0116 454 1000"
map_url = "https://maps.example.org/oadby"

[[service]]
slug = "tax"
names.en = "Council tax"
by_appointment = true

[service.appointments]
minutes = 30
rooms = ["room-1"]
asks.phone = "required"
reminder_hours = [2, 48]

[[service.appointments.question]]
slug = "what"
text.en = "What is it about?"

[[service.appointments.question.choice]]
slug = "bill"
names.en = "A bill"

[[service.appointments.question.choice]]
slug = "move"
names.en = "Moving"

[[service.appointments.bring]]
en = "Your last bill"

[[service.appointments.hours]]
days = ["tue", "thu"]
opens = "10:00"
closes = "12:00"
from = 2026-12-01

[[counter]]
slug = "room-1"
name = "Room 1"
kind = "room"

[[counter]]
slug = "desk-1"
name = "Desk 1"

[[staff]]
username = "ada"
name = "Ada"
roles = ["adviser"]

[[bookable]]
username = "ada"
services = ["tax"]

[[bookable.rota]]
days = ["tue"]
starts = "09:30"
ends = "12:30"

[[bookable]]
kind = "interpreter"
name = "Ewa"
languages = ["pl"]
"""


def test_an_offer_is_read_with_what_was_left_out_filled_in() -> None:
    plan = read(GOOD)
    assert isinstance(plan, CentrePlan), plan
    offer = plan.services[0].appointments
    assert isinstance(offer, Offer)
    assert (offer.minutes, offer.every_minutes, offer.public, offer.rooms) == (30, 15, True, ("room-1",))
    assert offer.asks == {"name": "required", "phone": "required", "email": "optional"}
    assert offer.reminder_hours == (48, 2)
    assert list(offer.questions[0].choices) == ["bill", "move"]
    assert offer.bring == ({"en": "Your last bill"},)
    assert offer.hours.usual == tuple(Usual(day, time(10), time(12), date(2026, 12, 1)) for day in (1, 3))
    assert plan.bookables == (
        Bookable(
            BookableKind.PERSON,
            username="ada",
            services=("tax",),
            rota=(Usual(1, time(9, 30), time(12, 30)),),
        ),
        Bookable(BookableKind.INTERPRETER, name="Ewa", languages=("pl",)),
    )


@pytest.mark.parametrize(
    ("old", "new", "at", "reason"),
    [
        ('"0116 454 1000"', '"call us"', "telephone", "'telephone' is a number as people read it"),
        ('"0116 454 1000"', '"(- )"', "telephone", "'telephone' is a number as people read it"),
        ("https://maps", "http://maps", "map_url", "'map_url' is the address of a page with a map"),
        ("https://maps", "javascript:", "map_url", "'map_url' is the address of a page with a map"),
        ("minutes = 30", "minutes = 4", "minutes = 4", "'minutes' must be a whole number from 5 to 480"),
        ("minutes = 30", "walk_in_share = 100", "walk_in_share", "'walk_in_share' must be a whole number"),
        ("minutes = 30", "minuets = 30", "minuets", "'minuets' is not something this file can say here."),
        ("minutes = 30", "notice_hours = 672", "notice_hours", "'notice_hours' is as long as 'ahead_days'"),
        ("minutes = 30", "minutes = 150", "closes", "These hours are 120 minutes long"),
        ('rooms = ["room-1"]', 'rooms = ["room-9"]', "rooms", "There is no [[counter]] with the slug 'room-9'."),
        ('rooms = ["room-1"]', 'rooms = ["desk-1"]', "rooms", "'desk-1' is no room"),
        ('rooms = ["room-1"]', 'rooms = ["room-1", "room-1"]', "rooms", "'rooms' names a room twice."),
        ('"required"', '"maybe"', "asks.phone", "'phone' cannot be 'maybe'. It can be 'required'"),
        ("asks.phone", "asks.age", "asks.age", "'age' is not something this file can say here."),
        ("[2, 48]", "[2, 2]", "reminder_hours", "'reminder_hours' has the same number twice."),
        ("[2, 48]", "[2, 0]", "reminder_hours", "Each of 'reminder_hours' must be a whole number from 1"),
        ("[2, 48]", "[1, 2, 3, 4, 5]", "reminder_hours", "'reminder_hours' may have at most 4 numbers."),
        ("text.en", "text.pl", "text.pl", "'text' has no English."),
        ('en = "Your last bill"', 'pl = "Rachunek"', "[[service.appointments.bring]]", "'bring' has no English."),
        ('en = "Your last bill"', 'en = "Bill"\nxx = "Rechnung"', "xx =", "'bring.xx' is not a language"),
        ('"move"', '"bill"', 'slug = "bill"\nnames.en = "Moving"', "Another choice of this question has the slug"),
        (
            '\n[[service.appointments.question.choice]]\nslug = "move"\nnames.en = "Moving"\n',
            "",
            "[[service.appointments.question.choice]]",
            "A question with one [[choice]] leaves nothing to choose.",
        ),
        ("by_appointment = true", "", "[[service]]", "[service.appointments] is there, but by_appointment"),
        ('"12:00"', '"09:00"', 'closes = "09:00"', "'closes' is before 'opens'."),
        ('"thu"]', '"tue"]', "[[service.appointments.hours]]", "These hours overlap others of the same day"),
        ('username = "ada"\nservices', 'username = "bob"\nservices', 'username = "bob"', "There is no [[staff]]"),
        ('services = ["tax"]', 'services = ["taxi"]', "services", "There is no [[service]] with the slug 'taxi'."),
        ('languages = ["pl"]', 'languages = ["elvish"]', "elvish", "'languages' cannot be 'elvish'."),
        ('name = "Ewa"\nlanguages = ["pl"]', 'name = "Ewa"', 'kind = "interpreter"', "An interpreter needs"),
        ('name = "Ewa"', 'counter = "room-1"\nname = "Ewa"', 'counter = "room-1"', "Only a room has a 'counter'."),
        ('name = "Ewa"', "", 'kind = "interpreter"', "'name' is missing here."),
        ('kind = "interpreter"', "", 'languages = ["pl"]\n', "Only an interpreter has 'languages'."),
        ('"12:30"', '"09:00"', 'ends = "09:00"', "'closes' is before 'opens'."),
    ],
)  # fmt: skip
def test_one_mistake_is_told_with_its_line(old: str, new: str, at: str, reason: str) -> None:
    assert GOOD.count(old) >= 1, "the test must change something"
    text = GOOD.replace(old, new, 1)
    told = read(text)
    assert isinstance(told, list), "the mistake was not found"
    place = text.rindex(at) if at.startswith("languages") else text.index(at)
    line = text[:place].count("\n") + 1
    near = [mistake for mistake in told if mistake.reason.startswith(reason)]
    assert near, told
    assert abs(near[0].line - line) <= 1, (near, line)


def test_two_questions_of_one_name_are_told_where_the_second_stands() -> None:
    second = '[[service.appointments.question]]\nslug = "what"\ntext.en = "And why?"\n\n'
    text = GOOD.replace("[[service.appointments.bring]]", f"{second}[[service.appointments.bring]]")
    line = text[: text.index('slug = "what"\ntext.en = "And')].count("\n") + 1
    assert read(text) == [Mistake(line, "Another question has the slug 'what' already.")]


def test_the_private_service_is_never_for_the_public_to_book() -> None:
    [mistake] = read(GOOD.replace("by_appointment = true", "by_appointment = true\nprivate = true"))  # type: ignore[misc]  # a plan cannot be unpacked, and would fail here
    assert mistake.reason == "The private service cannot be booked by the public: write public = false."


def test_somebody_stands_in_the_file_once() -> None:
    again = '\n[[bookable]]\nkind = "interpreter"\nname = "Ewa"\nlanguages = ["pl"]\n'
    [mistake] = read(GOOD + again)  # type: ignore[misc]  # a plan cannot be unpacked, and would fail here
    assert mistake.reason == "Another interpreter 'Ewa' stands in this file already."
