"""The form of a service's appointments, as a browser without script sends it: turned on, asked, refused, turned off."""

from __future__ import annotations

import html
from typing import Any

import httpx
import pytest

from server.centrefile.plan import Service
from server.domain.offers import Offer
from tests.server.web.forms import filled, form_in
from tests.server.web.rehearsal import Served
from tests.server.web.setup_forms import do, fault, plan

PAGE = "/setup/services/housing/appointments"
FORM = "/setup/services/housing"


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.signed_in("ada")


def housing(served: Served) -> Service:
    return next(each for each in plan(served).services if each.slug == "housing")


def offered(served: Served) -> Offer:
    offer = housing(served).appointments
    assert offer is not None
    return offer


def send(
    client: httpx.Client, html_shown: str | None = None, to: str = FORM, **changes: Any
) -> httpx.Response:
    """The form (of a page, else opened anew) with fields changed; a double underscore is a dot."""
    shown = html_shown if html_shown is not None else client.get(PAGE).text
    given = {
        key if key in ("offers", "more", "page") else f"appointments__{key}": changes[key] for key in changes
    }
    return client.post(to, data=filled(form_in(shown, FORM), **given))


def test_turned_on_with_what_is_sensible_and_off_again(served: Served, ada: httpx.Client) -> None:
    assert "Nothing is different" in html.unescape(send(ada).text), "nothing was ticked"
    preview = send(ada, offers="yes", minutes="40", reminder_hours="3; 24", public="no")
    for said in (
        "Appointments: length",
        "40 minutes",
        "Only staff: never on the web",
        "24 and 3 hours before",
    ):
        assert said in preview.text
    assert housing(served).appointments is None, "showing is not doing"
    assert do(ada, preview).status_code == 303
    assert offered(served) == Offer(minutes=40, reminder_hours=(24, 3), public=False)
    assert housing(served).by_appointment
    assert "can be booked" in ada.get(FORM).text
    assert do(ada, send(ada, offers=None)).status_code == 303
    assert (housing(served).appointments, housing(served).by_appointment) == (None, False)


def test_questions_get_short_names_of_their_own_and_keep_them(served: Served, ada: httpx.Client) -> None:
    more = send(ada, offers="yes", more="question").text
    more = send(ada, more, question__0__text__en="What is it about?", more="choice.0").text
    assert "What is it about?" in more
    preview = send(
        ada,
        more,
        question__0__choice__0__names__en="Debt",
        question__0__choice__0__names__pl="Długi",
        question__0__choice__1__names__en="Something else",
    )
    assert do(ada, preview).status_code == 303
    [question] = offered(served).questions
    assert (question.slug, list(question.choices), question.required) == (
        "what-is-it-about",
        ["debt", "something-else"],
        True,
    )
    renamed = send(
        ada, question__0__text__en="What brings you here?", question__0__required=None, more="bring"
    )
    preview = send(ada, renamed.text, bring__0__en="A letter")
    assert "may stay empty" in preview.text
    assert do(ada, preview).status_code == 303
    [question] = offered(served).questions
    assert (question.slug, question.text["en"], question.required) == (
        "what-is-it-about",
        "What brings you here?",
        False,
    )
    assert offered(served).bring == ({"en": "A letter"},)
    assert do(ada, send(ada, question__0__away="yes", bring__0__away="yes")).status_code == 303
    assert (offered(served).questions, offered(served).bring) == ((), ())


def test_as_many_questions_and_answers_as_may_be_in_six_languages_fit_the_form(
    served: Served, ada: httpx.Client
) -> None:
    form = filled(form_in(ada.get(PAGE).text, FORM), offers="yes", appointments__at_once="3")
    said = {"en": "A rather long answer", "gu": "એક લાંબો જવાબ આ છે", "pa": "ਇੱਕ ਲੰਮਾ ਜਵਾਬ ਇਹ ਹੈ"}
    said |= {"ur": "یہ ایک لمبا جواب ہے", "ar": "هذا جواب طويل بعض الشيء", "pl": "Dość długa odpowiedź"}
    for question in range(10):
        name = f"appointments.question.{question}"
        form[f"{name}.slug"] = [""]
        for language, words in said.items():
            form[f"{name}.text.{language}"] = [f"{words} {question}"]
            for choice in range(20):
                form[f"{name}.choice.{choice}.names.{language}"] = [f"{words} {choice}"]
    preview = ada.post(FORM, data=form)
    assert preview.status_code == 200, preview.text
    assert do(ada, preview).status_code == 303
    asked = offered(served).questions
    assert [len(each.choices) for each in asked] == [20] * 10
    kept = filled(form_in(ada.get(PAGE).text, FORM), appointments__at_once="4")
    assert do(ada, ada.post(FORM, data=kept)).status_code == 303
    assert (offered(served).at_once, offered(served).questions) == (4, asked)


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(ada: httpx.Client) -> None:
    more = send(ada, offers="yes", more="question").text
    told = send(
        ada,
        more,
        minutes="4",
        walk_in_share="all",
        question__0__text__pl="Dlaczego?",
        partner="Citizens Advice",
        reminder_hours="soon",
    )
    assert fault(told, "appointments.minutes") == "Write a whole number from 5 to 480."
    assert fault(told, "appointments.walk_in_share") == "Write a whole number from 0 to 90."
    assert "in English at least" in fault(told, "appointments.question.0.text.en")
    assert "Questions 1, text" in told.text, "the list on top names the field"
    for typed in ('value="4"', 'value="all"', "Dlaczego?", "Citizens Advice", 'value="soon"'):
        assert typed in told.text
    hours = send(ada, offers="yes", more="hours").text
    told = send(
        ada,
        hours,
        hours__0__days="monday",
        hours__0__opens="10:00",
        hours__0__closes="10:15",
    )
    assert "15 minutes long" in fault(told, "appointments.hours.0.closes")


def test_talks_in_private_are_never_for_the_public_whatever_is_sent(
    served: Served, ada: httpx.Client
) -> None:
    where = "/setup/services/private"
    shown = ada.get(f"{where}/appointments").text
    assert "never on the web" in shown
    form = filled(form_in(shown, where), offers="yes", appointments__public="yes")
    assert do(ada, ada.post(where, data=form)).status_code == 303
    private = next(each for each in plan(served).services if each.slug == "private")
    assert private.appointments is not None
    assert private.appointments.public is False


def test_the_times_it_would_offer_are_shown_before_anything_is_changed(
    served: Served, ada: httpx.Client
) -> None:
    look = f"{PAGE}/look"
    sketch = send(ada, to=look, offers="yes", every_minutes="60", minutes="60", notice_hours="0").text
    assert sketch.count('class="sketch-time"') >= 6 * 24
    with_page = send(ada, to=look, offers="yes", by_people="yes", partner="Typed", page="yes").text
    assert "Nobody is there whom an appointment needs" in with_page
    assert "Typed" in with_page, "without script the form comes again as it was"
    assert "turned off" in send(ada, to=look, offers=None).text
    assert housing(served).appointments is None


def test_how_the_centre_is_found_and_reached_is_set_up_and_judged(served: Served, ada: httpx.Client) -> None:
    shown = ada.get("/setup/centre").text
    wrong = filled(form_in(shown, "/setup/centre"), telephone="ring us", map_url="http://maps.example.org/x")
    told = ada.post("/setup/centre", data=wrong)
    assert fault(told, "telephone") == "Write a telephone number, such as 0116 454 1000."
    assert "beginning with https" in fault(told, "map_url")
    right = filled(
        form_in(told.text, "/setup/centre"),
        telephone="0116 454 1000",
        map_url="https://maps.example.org/x",
        find_us__en="By the station.",
        find_us__pl="Przy dworcu.",
    )
    assert do(ada, ada.post("/setup/centre", data=right)).status_code == 303
    found = plan(served)
    assert (found.telephone, found.map_url, found.find_us["pl"]) == (
        "0116 454 1000",
        "https://maps.example.org/x",
        "Przy dworcu.",
    )
