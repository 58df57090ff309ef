"""The emergency pack: on paper stands what is true of this centre on this day, and nothing that harms anybody."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from server.domain.access import SYSTEM
from server.store.tables import Centre, Closure
from server.store.tx import Tx
from server.web.labels import ACTIVITIES, SHEET
from server.web.pages.emergency import MOST_TICKETS, read_wish
from tests.server.web.rehearsal import NOON, Served
from words import Catalogue

PACK = "/admin/emergency/pack"
TODAY = date(2026, 11, 3)


@pytest.fixture
def lettered(served: Served) -> Served:
    """York House has a letter for paper tickets, six languages and a closure; it is noon on 3 November 2026."""
    served.set_clock(NOON)

    def write(tx: Tx) -> None:
        centre = tx.session().get_one(Centre, served.ids.centre)
        centre.emergency_letter = "E"
        centre.languages = ["en", "gu", "pa", "ur", "ar", "pl"]
        first = TODAY + timedelta(days=2)
        tx.session().add(
            Closure(
                centre_id=served.ids.centre, first_on=first, last_on=first, reason={"en": "Staff training"}
            )
        )

    served.run(served.house.change(SYSTEM, "letter", write))
    return served


def codes_in(text: str) -> list[str]:
    return re.findall(r'<p class="code">(\w+)</p>', text)


def test_the_pack_has_every_sheet_with_the_days_numbers(lettered: Served) -> None:
    text = lettered.signed_in("ada").get(f"{PACK}?day=2026-11-04&tickets=21&first=9").text
    assert codes_in(text) == [f"E{number:02d}" for number in range(9, 30)]
    assert "Wednesday 4 November 2026" in text
    for heading in ("When everything is down", "Queue list", "Tally sheet", "Entering it afterwards"):
        assert heading in text
    listed = re.findall(r'<tr><th scope="row">(E\d+)</th>', text)
    assert listed == codes_in(text)
    lines = re.findall(r"<h3>(.*?)</h3>", text)
    assert lines == [ACTIVITIES[each] for each in SHEET], "in the order of the form it is entered by"
    assert text.count('class="five"') == 24 * len(lines)
    assert "closed: Staff training" in text
    assert "York House" in text


def test_a_ticket_speaks_every_language_of_the_centre(lettered: Served) -> None:
    text = lettered.signed_in("ada").get(f"{PACK}?tickets=1").text
    words = Catalogue()
    for language in ("en", "gu", "pa", "ur", "ar", "pl"):
        assert words.say(language, "paper.number") in text
    assert '<li lang="ar" dir="rtl">' in text
    assert '<li lang="pl" dir="ltr">' in text


def test_no_need_of_a_discreet_visit_lies_about_on_paper(lettered: Served) -> None:
    lettered.visitor("private", discreet=True)
    text = lettered.signed_in("ada").get(PACK).text
    assert "Talk in private" not in text
    assert "Council tax" in text
    assert "Priya" not in text
    assert "K01" not in text


def test_a_pack_for_any_day_leaves_the_date_to_be_written(lettered: Served) -> None:
    text = lettered.signed_in("ada").get(f"{PACK}?any_day=yes&day=2026-11-04&tickets=2").text
    assert "Wednesday 4 November" not in text
    assert 'Date <span class="write' in text


def test_a_centre_without_a_letter_is_told_why(served: Served) -> None:
    answer = served.signed_in("ada").get(PACK)
    assert answer.status_code == 422
    assert "no letter for paper tickets" in answer.text


@pytest.mark.parametrize(
    ("query", "say"),
    [
        ("day=yesterday", "not a date"),
        ("day=1999-01-01", "from yesterday to two years"),
        ("day=2031-01-01", "from yesterday to two years"),
        ("tickets=0", "from 1 to 300"),
        ("tickets=301", "from 1 to 300"),
        ("tickets=-4", "from 1 to 300"),
        ("tickets=%D9%A3", "from 1 to 300"),
        ("first=0", "from 1 to 999"),
        ("first=999&tickets=2", "from 1 to 999"),
        ("first=1e3", "from 1 to 999"),
    ],
)
def test_a_wish_that_cannot_be_is_answered_with_what_can(lettered: Served, query: str, say: str) -> None:
    answer = lettered.signed_in("ada").get(f"{PACK}?{query}")
    assert answer.status_code == 422
    assert say in answer.text
    assert "Show the pack to print" in answer.text


def test_nothing_asked_for_is_the_usual_pack_for_today() -> None:
    asked, wrong = read_wish("", "", "", TODAY)
    assert (asked.on, asked.first, asked.tickets, wrong) == (TODAY, 1, 60, "")
    assert read_wish("", "700", str(MOST_TICKETS), TODAY)[1] == ""
    assert read_wish("", "701", str(MOST_TICKETS), TODAY)[1] != ""


def test_who_stands_at_the_door_prints_it_too_and_advisers_do_not(lettered: Served) -> None:
    """It is printed when things go wrong, and the administrator may not be in the house."""
    for who in ("grace", "max", "ada"):
        client = lettered.signed_in(who)
        assert client.get(PACK).status_code == 200
        assert 'href="/admin/emergency"' in client.get("/").text, "the start page leads there"
    assert lettered.signed_in("priya").get(PACK).status_code == 403
    assert lettered.signed_in("grace").get("/admin/staff").status_code == 403
