"""The pages of the set-up, as a browser without script sees them: what is refused and how it is said, what is shown before it is done."""

from __future__ import annotations

import html
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from server.jobs.planned import do_due_changes
from tests.server.web.forms import filled, form_in
from tests.server.web.rehearsal import Served, token_of
from tests.server.web.setup_forms import do, fault, form_mark, plan, send
from wire.vocabulary import Language

PAGES = (
    "/setup",
    "/setup/centre",
    "/setup/hours",
    "/setup/calendar",
    "/setup/calendar?year=2027&service=housing",
    "/setup/layout",
    "/setup/private",
    "/setup/order/counter",
    "/setup/purposes",
    "/setup/portals",
    "/setup/teams",
    "/setup/order/purpose",
    "/setup/choices",
    "/setup/services",
    "/setup/counters",
    "/setup/areas",
    "/setup/messages",
    "/setup/services/housing",
    "/setup/services/housing/hours",
    "/setup/services/housing/appointments",
    "/setup/choices/money",
    "/setup/counters/desk-1",
    *(
        f"/setup/{room}/add"
        for room in (
            "services",
            "choices",
            "counters",
            "areas",
            "messages",
            "closures",
            "exceptions",
            "purposes",
            "portals",
            "teams",
        )
    ),
)


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.signed_in("ada")


def test_every_page_answers_quickly_and_only_administrators(served: Served, ada: httpx.Client) -> None:
    for path in PAGES:
        taken = []
        for _ in range(4):
            begun = time.perf_counter()
            answer = ada.get(path)
            taken.append(time.perf_counter() - begun)
            assert answer.status_code == 200, (path, answer.text)
        assert "<script>" not in answer.text
        assert " style=" not in answer.text
        assert min(taken) < 0.1, (path, taken)
    for path in (
        "/setup/nowhere",
        "/setup/services/nothing",
        "/setup/nowhere/add",
        "/setup/order/add",
        "/setup/order/service",
        "/setup/services/x%00",
    ):
        assert ada.get(path).status_code == 404, path
    others = served.signed_in("amina")
    assert {others.get(path).status_code for path in PAGES} == {403}


def test_a_change_is_shown_then_done_and_can_be_taken_back(served: Served, ada: httpx.Client) -> None:
    preview = send(ada, "/setup/services/housing", target_minutes="25", names__pl="Mieszkanie")
    assert "15 minutes" in preview.text
    assert "25 minutes" in preview.text
    assert "Name in Polish" in preview.text
    assert plan(served).services[1].target_minutes == 15, "showing is not doing"
    done = do(ada, preview)
    assert done.status_code == 303
    overview = ada.get(done.headers["location"])
    assert "Service: Somewhere to live" in overview.text
    assert (plan(served).services[1].target_minutes, plan(served).services[1].names["pl"]) == (
        25,
        "Mieszkanie",
    )
    number = done.headers["location"].partition("=")[2]
    action = f"/setup/changes/{number}/undo"
    undo = ada.post(action, data=filled(form_in(overview.text, action)))
    assert "Take this back?" in undo.text
    assert do(ada, undo).status_code == 303
    assert plan(served).services[1].target_minutes == 15
    assert "pl" not in plan(served).services[1].names


def test_a_new_service_gets_a_name_of_its_own_and_waits_for_tomorrow(
    served: Served, ada: httpx.Client
) -> None:
    preview = send(
        ada, "/setup/services/add", names__en="Housing", choice="money", synonyms="rent\nflat, house"
    )
    assert do(ada, preview, "tomorrow").status_code == 303
    assert len(plan(served).services) == 4
    assert "Service: Housing" in ada.get("/setup").text
    assert "is added" in ada.get("/setup/services").text
    served.set_clock(datetime.now(UTC) + timedelta(days=1, hours=2))
    assert served.run(do_due_changes(served.house)) == 1
    new = plan(served).services[-1]
    assert (new.slug, new.choice, new.synonyms) == ("housing-2", "money", ("rent", "flat", "house"))


NAMES: Any = [
    ("x" * 300, "This has 300 characters; at most 60 fit. Make it shorter."),
    ("   \u2003 ", "Fill this in, in English at least: it is shown where another language has no words."),
    ("\u200b\x07", "Fill this in, in English at least: it is shown where another language has no words."),
]


def test_a_name_that_cannot_be_is_refused_at_its_field(served: Served, ada: httpx.Client) -> None:
    for name, say in NAMES:
        answer = send(ada, "/setup/services/housing", names__en=name, names__pl="Mieszkanie")
        assert fault(answer, "names.en") == say
        assert 'aria-describedby=" fault-names.en" aria-invalid="true"' in answer.text
        assert 'value="Mieszkanie"' in answer.text, "what was right is not lost"
        assert plan(served).services[1].names == {"en": "Somewhere to live"}


SCRIPTS: Any = ["રહેવા માટે ઘર", "مكان للسكن", "Somewhere 🏠 to live", "O’Neill & Söhne"]


def test_a_name_in_any_script_is_kept(served: Served, ada: httpx.Client) -> None:
    for name in SCRIPTS:
        assert do(ada, send(ada, "/setup/services/housing", names__en=f"{name}\u202e\x07")).status_code == 303
        assert plan(served).services[1].names["en"] == name


def test_a_name_that_is_markup_is_text_everywhere(served: Served, ada: httpx.Client) -> None:
    evil = "<script>alert(1)</script>\"'"
    preview = send(ada, "/setup/services/housing", names__en=evil, help__en="<img src=x onerror=alert(1)>")
    assert do(ada, preview).status_code == 303
    ada.post("/setup/centre", data={})
    for path in (*PAGES, "/setup/services/housing/hours"):
        text = ada.get(path).text
        assert "<script>alert" not in text, path
        assert "<img" not in text, path
    assert "<script>alert" not in preview.text
    form = filled(form_in(ada.get("/setup/services/housing").text, "/setup/services/housing"))
    sketch = ada.post("/setup/look/service", data=form)
    assert "&lt;script&gt;" in sketch.text
    assert "<script>" not in sketch.text


def test_of_two_forms_open_at_once_the_second_is_told_what_the_first_did(
    served: Served, ada: httpx.Client
) -> None:
    old = filled(
        form_in(ada.get("/setup/services/housing").text, "/setup/services/housing"), usual_minutes="33"
    )
    do(ada, send(ada, "/setup/services/housing", target_minutes="25"))
    answer = ada.post("/setup/services/housing", data=old)
    assert answer.status_code == 409
    assert "Ada Kowalska changed this at" in answer.text
    assert ": the target. Look at it again." in html.unescape(answer.text)
    again = filled(form_in(answer.text, "/setup/services/housing"))
    assert again["usual_minutes"] == ["33"], "what was typed is still there"
    assert plan(served).services[1].target_minutes == 25


def test_a_preview_confirmed_late_or_twice_does_nothing_more(served: Served, ada: httpx.Client) -> None:
    preview = send(ada, "/setup/services/housing", target_minutes="25")
    assert do(ada, preview).status_code == 303
    again = do(ada, preview)
    assert again.status_code == 409
    assert "Ada Kowalska changed this at" in again.text
    added = send(ada, "/setup/areas/add", names__en="Hall")
    assert do(ada, added).status_code == 303
    assert do(ada, added).status_code == 409
    assert len(plan(served).areas) == 1


def test_closing_now_says_who_is_inside_and_can_be_done_all_the_same(
    served: Served, ada: httpx.Client
) -> None:
    served.visitor("housing")
    served.visitor("council-tax", discreet=True)
    today = datetime.now(UTC).date().isoformat()
    preview = send(ada, "/setup/closures/add", first=today, reason__en="A burst pipe")
    assert "The centre is open now and would be closed at once." in preview.text
    assert "2 people wait: they can still be called and served." in preview.text
    assert do(ada, preview).status_code == 303
    assert plan(served).hours.closures[0].reason == {"en": "A burst pipe"}
    assert "A burst pipe" in ada.get("/setup/calendar").text


HOURS: Any = [
    ([("monday", "17:00", "09:00")], "hours.0.closes", "This closes before it opens."),
    (
        [("monday", "09:00", "13:00"), ("monday", "12:00", "17:00")],
        "hours.1",
        "These hours overlap others",
    ),
    ([("monday", "09:00", "")], "hours.0.closes", "Write a time of the day in 24 hours"),
    ([("", "09:00", "17:00")], "hours.0.days", "Tick at least one day."),
    ([("monday", "9am", "25:00")], "hours.0.opens", "Write a time of the day in 24 hours"),
]


def test_hours_that_cannot_be_are_refused_at_their_field(served: Served, ada: httpx.Client) -> None:
    for rows, path, say in HOURS:
        before = plan(served)
        form: dict[str, Any] = {"csrf": token_of(ada), "mark": form_mark(ada, "/setup/hours")}
        for at, (day, opens, closes) in enumerate(rows):
            form |= {f"hours.{at}.opens": opens, f"hours.{at}.closes": closes}
            if day:
                form[f"hours.{at}.days"] = day
        assert fault(ada.post("/setup/hours", data=form), path).startswith(say)
        assert plan(served) == before


def test_a_season_is_entered_and_seen_in_the_calendar(served: Served, ada: httpx.Client) -> None:
    form = {
        "csrf": token_of(ada),
        "mark": form_mark(ada, "/setup/hours"),
        "hours.0.days": ["tuesday"],
        "hours.0.opens": "09:30",
        "hours.0.closes": "16:30",
        "hours.0.until": "2027-06-30",
        "hours.1.days": ["thursday"],
        "hours.1.opens": "09:30",
        "hours.1.closes": "16:30",
        "hours.1.until": "2027-06-30",
        "hours.2.days": ["tuesday"],
        "hours.2.opens": "08:00",
        "hours.2.closes": "12:00",
        "hours.2.from": "2027-07-01",
        "hours.3.days": ["friday"],
        "hours.3.opens": "08:00",
        "hours.3.away": "yes",
    }
    preview = ada.post("/setup/hours", data=form)
    assert "Tuesday and Thursday 09:30 to 16:30, until 30 June 2027" in preview.text
    do(ada, preview)
    special = send(
        ada,
        "/setup/exceptions/add",
        on="2027-07-06",
        exception__0__opens="10:00",
        exception__0__closes="11:00",
    )
    assert do(ada, special).status_code == 303
    year = ada.get("/setup/calendar?year=2027").text
    assert "Tuesday 6 July 2027" in year
    assert "10:00 to 11:00" in year
    assert year.count('class="cell open special"') == 2, "the day, and the sign in the legend"
    assert ada.get("/setup/exceptions/2027-07-06").status_code == 200


def test_taking_away_what_is_in_use_is_not_for_now_but_for_tomorrow(
    served: Served, ada: httpx.Client
) -> None:
    served.visitor("housing")
    answer = send(ada, "/setup/services/housing/retire", page="/setup/services/housing")
    assert "Not now: 1 person waits for Somewhere to live." in answer.text
    assert do(ada, answer).status_code == 409, "the button for now sent by hand"
    assert len(plan(served).services) == 4
    assert do(ada, answer, "tomorrow").status_code == 303
    planned = ada.get("/setup/services/housing").text
    assert "it is taken away" in planned
    served.sit("priya", "desk-1")
    counter = send(ada, "/setup/counters/desk-1/retire", page="/setup/counters/desk-1")
    assert "Priya Shah sits at Desk 1. Ask them to get up first, or choose tomorrow." in counter.text


def test_a_service_goes_on_with_the_figures_of_one_that_was_taken_away(
    served: Served, ada: httpx.Client
) -> None:
    assert "go on from" not in ada.get("/setup/services/council-tax").text, "nothing was taken away yet"
    assert (
        do(ada, send(ada, "/setup/services/housing/retire", page="/setup/services/housing")).status_code
        == 303
    )
    preview = send(ada, "/setup/services/council-tax", continues="housing")
    assert "Figures go on from" in preview.text
    assert do(ada, preview).status_code == 303
    assert next(each for each in plan(served).services if each.slug == "council-tax").continues == (
        "housing",
    )
    assert 'name="continues" value="housing" checked' in ada.get("/setup/services/council-tax").text
    other = send(ada, "/setup/services/parking", continues="housing")
    assert "go on under another service already" in other.text
    assert do(ada, send(ada, "/setup/services/council-tax", continues=[])).status_code == 303
    assert next(each for each in plan(served).services if each.slug == "council-tax").continues == ()


def test_a_choice_with_services_cannot_be_taken_away(served: Served, ada: httpx.Client) -> None:
    answer = send(ada, "/setup/choices/money/retire", page="/setup/choices/money")
    assert answer.status_code == 409
    assert "under this choice. Put them elsewhere first." in answer.text


def test_what_is_planned_stands_on_its_page_and_can_be_cancelled(served: Served, ada: httpx.Client) -> None:
    do(ada, send(ada, "/setup/services/housing", target_minutes="25"), "tomorrow")
    shown = ada.get("/setup/services/housing").text
    assert "Target: 15 minutes → 25 minutes" in shown
    action = shown.split('action="/setup/changes/', 1)[1].split('"', 1)[0]
    assert ada.post(f"/setup/changes/{action}", data={"csrf": token_of(ada)}).status_code == 303
    assert "Nothing is planned." in ada.get("/setup").text


MOMENTS: Any = [
    ("date", "2020-01-01", "This date is not after today."),
    ("date", "", "Choose when"),
    ("", "", "Choose when"),
    ("date", "2999-01-01", "more than five years away"),
]


def test_a_moment_that_cannot_be_is_refused_and_the_preview_stays(served: Served, ada: httpx.Client) -> None:
    for when, on, say in MOMENTS:
        answer = do(ada, send(ada, "/setup/services/housing", target_minutes="25"), when, on)
        assert answer.status_code == 409
        assert say in answer.text
    assert do(ada, answer, "now").status_code == 303


def test_from_the_preview_back_to_the_form_nothing_typed_is_lost(served: Served, ada: httpx.Client) -> None:
    preview = send(ada, "/setup/services/add", names__en="Blue badge", names__pl="Niebieska karta", lgsl="12")
    form = filled(form_in(preview.text, "/setup/changes/do"), again="yes")
    back = ada.post("/setup/changes/do", data=form)
    assert 'value="Niebieska karta"' in back.text
    preview = ada.post(
        "/setup/services/add", data=filled(form_in(back.text, "/setup/services/add"), lgsl="13")
    )
    assert do(ada, preview).status_code == 303
    assert (plan(served).services[-1].slug, plan(served).services[-1].lgsl) == ("blue-badge", 13)


def test_taking_a_language_away_says_who_reads_it_and_keeps_its_words(
    served: Served, ada: httpx.Client
) -> None:
    do(ada, send(ada, "/setup/services/housing", names__pl="Mieszkanie"))
    served.visitor("housing", language=Language.PL)
    preview = send(ada, "/setup/centre", languages=["en"])
    assert "1 visitor who chose a language you take away is inside." in preview.text
    assert do(ada, preview).status_code == 303
    do(ada, send(ada, "/setup/services/housing", target_minutes="25"))
    assert plan(served).services[1].names["pl"] == "Mieszkanie"


def test_the_first_screen_is_ordered_without_script(served: Served, ada: httpx.Client) -> None:
    do(ada, send(ada, "/setup/choices/add", names__en="Travel", icon="car"))
    moved = send(ada, "/setup/layout", **{"at.parking": "travel"}, move="up choice travel")
    assert moved.status_code == 200
    assert "Nothing is changed yet: you see first" in moved.text
    form = filled(form_in(moved.text, "/setup/layout"))
    assert form["choices"] == ["travel", "money"]
    preview = ada.post("/setup/layout", data=form)
    assert "1. Travel" in preview.text
    assert do(ada, preview).status_code == 303
    after = plan(served)
    assert [each.slug for each in after.choices] == ["travel", "money"]
    assert (after.services[0].slug, after.services[0].choice) == ("parking", "travel")


def test_a_service_has_hours_of_its_own_and_old_ones_are_kept(served: Served, ada: httpx.Client) -> None:
    page, path = "/setup/services/housing/hours", "/setup/services/housing"
    first = send(
        ada, path, page, hours__0__days=["friday"], hours__0__opens="10:00", hours__0__closes="12:00"
    )
    assert "Friday 10:00 to 12:00" in first.text
    do(ada, first)
    more = ada.post(path, data=filled(form_in(ada.get(page).text, path), more="closure"))
    form = filled(form_in(more.text, path), closure__0__first="2020-01-01", closure__0__reason__en="Over")
    do(ada, ada.post(path, data=form))
    assert len(plan(served).services[1].hours.closures) == 1
    do(ada, send(ada, path, target_minutes="25"))
    assert "are over are kept" in ada.get(page).text
    do(ada, send(ada, path, page, hours__0__closes="13:00"))
    hours = plan(served).services[1].hours
    assert (f"{hours.usual[0].closes:%H:%M}", len(hours.closures)) == ("13:00", 1)


def test_an_order_is_changed_without_script(served: Served, ada: httpx.Client) -> None:
    path = "/setup/order/counter"
    moved = send(ada, path, move="up desk-3")
    assert [each for name, each in form_in(moved.text, path) if name == "order"] == [
        "desk-1",
        "desk-3",
        "desk-2",
    ]
    assert [each.slug for each in plan(served).counters] == ["desk-1", "desk-2", "desk-3"], (
        "nothing is changed yet"
    )
    preview = ada.post(path, data=filled(form_in(moved.text, path)))
    assert "2. Desk 3" in preview.text
    assert do(ada, preview).status_code == 303
    assert [each.slug for each in plan(served).counters] == ["desk-1", "desk-3", "desk-2"]
    assert ada.post(path + "/retire", data={"csrf": token_of(ada)}).status_code == 409
    assert ada.post("/setup/order/add", data={"csrf": token_of(ada)}).status_code == 404
    assert ada.post("/setup/look/order", data={"csrf": token_of(ada)}).status_code == 404


def test_talks_in_private_are_sent_to_another_service_in_one_step(served: Served, ada: httpx.Client) -> None:
    assert do(ada, send(ada, "/setup/services/add", names__en="Safe talk", discreet="yes")).status_code == 303
    shown = ada.get("/setup/services/safe-talk").text
    assert 'name="private"' not in shown, "one service has the mark already: it moves on a page of its own"
    assert 'href="/setup/private"' in shown
    preview = send(ada, "/setup/private", private="safe-talk")
    assert "Talk in private" in preview.text
    assert do(ada, preview).status_code == 303
    assert [each.slug for each in plan(served).services if each.private] == ["safe-talk"]
    nobody = send(ada, "/setup/private", private="")
    assert "no service takes visitors who wish to talk in private" in nobody.text
