"""The page Counts, its files, imports and corrections over real HTTP, on both databases."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import select

from server.live.figures import Figures, read_figures
from server.store.tables import Centre, PastCount, PastImport, Service, StaffRole
from server.store.tx import Tx
from server.web.pages.counts import csv_of
from tests.server.web.rehearsal import NOON, Served, serving, token_of
from wire import asks
from wire.vocabulary import Activity, Outcome, Role, new_id

SAMPLE = Path(__file__).resolve().parents[3] / "docs/samples/york-house-2023-q1.csv"
HEADING = "centre,period_start,period_end,activity,visitors\n"
DAY = NOON.date()


@pytest.fixture
def both(database_url: str) -> Iterator[Served]:
    with serving(database_url) as running:
        running.set_clock(NOON)
        yield running


@pytest.fixture
def alone(served: Served) -> Served:
    """On SQLite only: for what no database has a part in."""
    served.set_clock(NOON)
    return served


def figures(served: Served, first: date = DAY, last: date = DAY) -> Figures:
    micros = served.house.clock.micros()
    return served.run(
        served.house.look(lambda c: read_figures(c, served.ids.centre, "York House", first, last, micros))
    )


def told(served: Served, **more: date) -> dict[str, tuple[int, int, int, int]]:
    return {
        row.activity.value: (row.tickets, row.left, row.taps + row.sheets, row.imported)
        for row in figures(served, **more).rows
        if row.total
    }


def tap(served: Served, activity: str = "telephone") -> str:
    tally = new_id()
    served.ask(served.actor("grace"), asks.Count(tally=tally, activity=activity))
    return tally


def rename(served: Served, change) -> None:
    def doing(tx: Tx) -> None:
        change(tx.session())

    served.run(served.house.change(served.actor("ada"), "test", doing))


# Figures -------------------------------------------------------------------------------------------------------------


def test_a_day_of_tickets_and_taps_is_told_without_counting_anybody_twice(both: Served) -> None:
    def support(session) -> None:
        service = session.exec(
            select(Service).where(Service.slug == "housing", Service.centre_id == both.ids.centre)
        ).one()
        service.activity = Activity.SUPPORT

    rename(both, support)
    both.sit("priya", "desk-1")
    grace = both.actor("grace")
    served_twice, _, _ = both.visitor("council-tax")
    wrong, _, _ = both.visitor("parking")
    gone, _, _ = both.visitor("council-tax")
    both.visitor("private")
    both.ask(
        grace, asks.Transfer(ticket=wrong, service="housing")
    )  # a wrong choice, put right before anybody served it
    both.ask(grace, asks.Cancel(ticket=gone))
    both.ask(both.actor("amina"), asks.SitDown(counter="desk-2", services=("council-tax",)))
    both.ask(both.actor("amina"), asks.CallNext())
    both.ask(both.actor("amina"), asks.Arrive(ticket=served_twice))
    both.ask(both.actor("amina"), asks.Transfer(ticket=served_twice, service="housing"))
    for _ in range(3):
        tap(both)
    both.ask(grace, asks.DoorHelp(tally=new_id(), service="parking", solved=True))
    assert told(both) == {
        "advice": (3, 1, 0, 0),  # served, gone, and the private one who waits
        "support": (2, 0, 0, 0),
        "telephone": (0, 0, 3, 0),
        "door_help": (0, 0, 1, 0),
    }
    visits = figures(both).visits
    assert (visits.visits, visits.visitors, visits.left, visits.here) == (4, 4, 1, 3)
    assert told(both, first=DAY + timedelta(days=1), last=DAY + timedelta(days=1)) == {}


def test_no_private_need_is_named_anywhere(both: Served) -> None:
    for _ in range(12):
        both.visitor("private")
    for _ in range(6):
        both.visitor("council-tax")
    both.visitor("parking", discreet=True)
    assert [tuple(each) for each in figures(both).needs] == [("Council tax", 6), ("Other", 13)]
    client = both.signed_in("max")
    for path in (
        "/counts",
        "/counts/figures.csv",
        "/counts/figures.csv?of=needs",
        f"/counts?first={DAY}&last={DAY}",
    ):
        text = client.get(path).text
        assert "Talk in private" not in text, path
        assert "Parking" not in text, path
    assert "Council tax,6" in client.get("/counts/figures.csv?of=needs").text
    client.close()


def test_two_times_that_differ_by_a_day_do_not_tell_who_came_in_private(both: Served) -> None:
    """Six for council tax on each of two days, and one person in private on the second: the difference of two sums would be that person."""
    hands = both.set_clock(NOON - timedelta(days=40))
    for day in range(2):
        for _ in range(6):
            both.visitor("council-tax")
        hands.turn(timedelta(days=1 - day))
    both.visitor("private")
    both.set_clock(NOON)
    second = DAY - timedelta(days=39)
    client = both.signed_in("max")
    for first, last in (
        (second - timedelta(days=1), second),
        (second - timedelta(days=9), second),
        (second, DAY),
        (date(2026, 11, 1), date(2026, 11, 30)),
    ):
        query = f"first={first}&last={last}"
        shown = client.get(f"/counts?{query}").text
        assert "Council tax" not in shown, query
        assert "of=needs" not in shown, query
        refused = client.get(f"/counts/figures.csv?of=needs&{query}")
        assert refused.status_code == 422
        assert "whole months that are over" in refused.text
    assert (
        'href="?first=2026-09-01&amp;last=2026-10-31">Show September to October 2026'
        in client.get(f"/counts?first={second}&last={DAY}").text
    )
    assert [tuple(each) for each in figures(both, second, second).needs or ()] == [("All needs together", 7)]
    months = rows_of(client.get("/counts/figures.csv?of=needs&first=2026-09-01&last=2026-10-31"))
    assert [row[3:] for row in months[1:]] == [["All needs together", "13"]]
    client.close()


def test_what_a_total_adds_is_said(both: Served) -> None:
    tap(both)
    client = both.signed_in("max")
    assert "imported" not in client.get("/counts").text.split("By activity")[0]
    enter(client, send(client, HEADING + f"York House,{DAY},{DAY},Forms,5\n"))
    shown = client.get("/counts").text
    assert "<b>6</b> activities, 5 of them imported" in shown
    assert "The total adds 5 from imported files to 1 counted here." in shown
    enter(client, send(client, SAMPLE.read_bytes()))
    assert (
        "<b>1,602</b> activities, all imported" in client.get("/counts?first=2023-04-01&last=2023-06-30").text
    )
    year = client.get("/counts?first=2026-01-15&last=2026-11-03").text
    for month in ("15 to 31 January 2026", ">February 2026", "1 to 3 November 2026"):
        assert month in year
    client.close()


def test_a_finished_visit_is_not_here_any_more(alone: Served) -> None:
    ticket, _, _ = alone.visitor("council-tax")
    alone.sit("priya", "desk-1", ("council-tax",))
    for ask in (
        asks.CallNext(),
        asks.Arrive(ticket=ticket),
        asks.Finish(ticket=ticket, outcome=Outcome.LEFT),
    ):
        alone.ask(alone.actor("priya"), ask)
    assert tuple(figures(alone).visits.__dict__.values()) == (1, 1, 0, 0)


# Files ---------------------------------------------------------------------------------------------------------------


def rows_of(answer: httpx.Response) -> list[list[str]]:
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_holds_what_the_page_shows_and_nothing_that_runs(alone: Served) -> None:
    rename(alone, lambda session: setattr(session.get(Centre, alone.ids.centre), "name", "=HYPERLINK(1)"))
    alone.app.state.identity.forget()
    tap(alone)
    client = alone.signed_in("max")
    rows = rows_of(client.get("/counts/figures.csv"))
    assert [row for row in rows if row[3] == "Telephone"] == [
        ["'=HYPERLINK(1)", str(DAY), str(DAY), "Telephone", "1", "0", "0", "1", "0", "0"]
    ]
    assert len(rows) == 1 + len(Activity)
    days = rows_of(client.get(f"/counts/figures.csv?of=days&first={DAY - timedelta(days=1)}&last={DAY}"))
    assert [row[3:] for row in days[1:]] == [["0", "0", "0", "0", ""], ["0", "1", "0", "1", ""]]
    client.close()


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_every_beginning_of_a_formula_is_made_harmless(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_of([[cell, "fine", -1]]).decode("utf-8-sig"), newline=""))
    assert row == [f"'{cell}", "fine", "-1"]


# Imports -------------------------------------------------------------------------------------------------------------


def send(client: httpx.Client, content: bytes | str, name: str = "figures.csv") -> httpx.Response:
    return client.post(
        "/counts/import", data={"csrf": token_of(client)}, files={"file": (name, content, "text/csv")}
    )


def key_in(html: str) -> str:
    return html.split('name="key" value="', 1)[1].split('"', 1)[0]


def enter(client: httpx.Client, preview: httpx.Response) -> httpx.Response:
    form = {"csrf": token_of(client), "key": key_in(preview.text)}
    return client.post("/counts/import/enter", data=form)


def test_the_published_quarter_imports_to_exactly_its_figures(both: Served) -> None:
    client = both.signed_in("max")
    content = SAMPLE.read_bytes()
    preview = send(client, content, "york-house.csv")
    assert preview.status_code == 200
    assert "<b>1,602</b> visitors in 8 lines" in preview.text
    assert told_quarter(both) == {}, "a preview enters nothing"
    assert enter(client, preview).status_code == 303
    assert told_quarter(both) == {
        "scan_station": (0, 0, 0, 583),
        "telephone": (0, 0, 0, 295),
        "self_service_pc": (0, 0, 0, 211),
        "advice": (0, 0, 0, 191),
        "payment_kiosk": (0, 0, 0, 122),
        "forms": (0, 0, 0, 109),
        "support": (0, 0, 0, 74),
        "appointment": (0, 0, 0, 17),
    }
    shown = client.get("/counts?first=2023-04-01&last=2023-06-30").text
    assert "<b>1,602</b> activities" in shown
    may = client.get("/counts?first=2023-05-10").text
    assert "<b>0</b> activities" in may
    assert "It cannot be divided into days" in may
    # The same file, and another that tells of the same days, are refused; the button pressed twice does nothing more.
    assert "This very file was imported" in send(client, content, "again.csv").text
    other = send(client, HEADING + "York House,2023-06-30,2023-07-31,Forms,5\n")
    assert other.status_code == 422
    assert "&#39;york-house.csv&#39; told of these days already" in other.text
    assert "Nothing was entered" in enter(client, preview).text
    # Taken back whole, it may come again.
    (number,) = both.run(both.house.read(lambda session: list(session.exec(select(PastImport.id)))))
    for _ in range(2):
        answer = client.post(f"/counts/import/{number}/take-back", data={"csrf": token_of(client)})
        assert answer.status_code == 303
    assert told_quarter(both) == {}
    assert "taken back" in client.get("/counts/import").text
    assert enter(client, send(client, content)).status_code == 303
    assert sum(each[3] for each in told_quarter(both).values()) == 1602
    client.close()


def told_quarter(served: Served) -> dict[str, tuple[int, int, int, int]]:
    return told(served, first=date(2023, 4, 1), last=date(2023, 6, 30))


def test_one_wrong_line_enters_nothing(alone: Served) -> None:
    client = alone.signed_in("max")
    answer = send(client, SAMPLE.read_text() + "York House,2023-04-01,2023-06-30,Juggling,5\n")
    assert answer.status_code == 422
    assert "<b>Line 10</b> &#39;Juggling&#39; is not an activity" in answer.text
    assert 'name="key"' not in answer.text
    assert told_quarter(alone) == {}
    client.close()


def test_days_with_live_counts_are_warned_of(both: Served) -> None:
    tap(both)
    both.visitor("council-tax")
    client = both.signed_in("max")
    preview = send(client, HEADING + f"York House,{DAY - timedelta(days=9)},{DAY},Forms,5\n")
    assert "On 1 day of this time tickets or taps were counted here." in preview.text
    client.close()


def test_a_preview_is_for_who_sent_it_where_they_sent_it(alone: Served) -> None:
    client, other = alone.signed_in("max"), alone.signed_in("ada")
    key = key_in(send(client, SAMPLE.read_bytes()).text)
    for who in (other, alone.signed_in("olga")):
        answer = who.post("/counts/import/enter", data={"csrf": token_of(who), "key": key})
        assert answer.status_code == 410
        assert "Choose it once more" in answer.text
        who.close()
    hands = alone.set_clock(NOON + timedelta(minutes=29))
    assert hands
    client.post("/counts/import/enter", data={"csrf": token_of(client), "key": key})
    assert sum(each[3] for each in told_quarter(alone).values()) == 1602
    client.close()


def test_another_centre_where_one_may_import_is_said_to_be_that(alone: Served) -> None:
    def also(session) -> None:
        session.add(StaffRole(staff_id=alone.ids.staff["max"], centre_id=alone.ids.other, role=Role.MANAGER))

    rename(alone, also)
    client = alone.signed_in("max")
    here = client.get("/counts/import").text
    name = "Elsewhere" if "Imports so far" in here and "for York House" in here else "York House"
    answer = send(client, HEADING + f"{name},2023-04-01,2023-06-30,Forms,5\n")
    assert "work at that centre first" in answer.text
    client.close()


def test_who_may_not_import_cannot(alone: Served) -> None:
    for who in ("grace", "priya"):
        client = alone.signed_in(who)
        assert client.get("/counts/import").status_code == 403
        assert client.post("/counts/import", files={"file": ("a.csv", b"x")}).status_code == 403
        client.close()
    olga, client = alone.signed_in("olga"), alone.signed_in("max")
    enter(client, send(client, SAMPLE.read_bytes()))
    (number,) = alone.run(alone.house.read(lambda session: list(session.exec(select(PastImport.id)))))
    assert olga.post(f"/counts/import/{number}/take-back", data={"csrf": token_of(olga)}).status_code == 404
    assert sum(each[3] for each in told_quarter(alone).values()) == 1602
    olga.close()
    client.close()


def test_a_file_too_large_is_refused_before_it_is_read(served: Served) -> None:
    client = served.signed_in("max")
    (cookie,) = (f"{name}={value}" for name, value in client.cookies.items())
    head = f"POST /counts/import HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: 50000000\r\n"
    with socket.create_connection(("127.0.0.1", urlsplit(served.url).port or 0), timeout=5) as line:
        line.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    answer = send(client, b"x" * (5 * 1024 * 1024 + 9))
    assert "larger than 5 MB" in answer.text
    assert "Choose a file first" in client.post("/counts/import", data={"csrf": token_of(client)}).text
    client.close()


def test_20000_lines_are_entered_whole(both: Served) -> None:
    lines = "".join(
        f"York House,{day},{day},{activity.value},{number}\n"
        for number, activity in enumerate(list(Activity)[:8], 1)
        for day in (DAY - timedelta(days=back) for back in range(1, 2501))
    )
    client = both.signed_in("max")
    assert enter(client, send(client, HEADING + lines)).status_code == 303
    rows = both.run(both.house.read(lambda session: len(list(session.exec(select(PastCount.id))))))
    assert rows == 20_000
    month = figures(both, first=DAY - timedelta(days=30), last=DAY)
    assert month.total == 30 * sum(range(1, 9))
    client.close()


# Corrections and sheets ----------------------------------------------------------------------------------------------


def test_a_manager_corrects_several_counts_at_once_and_it_stays_visible(both: Served) -> None:
    taps = [tap(both) for _ in range(4)]
    client = both.signed_in("max")
    form = {
        "csrf": token_of(client),
        "command": new_id(),
        "day": str(DAY),
        "tally": taps[:2],
        "activity": "forms",
    }
    assert "few words why" in client.post("/counts/taps", data={**form, "reason": "x"}).text
    assert told(both) == {"telephone": (0, 0, 4, 0)}
    for _ in range(2):  # pressed twice
        assert (
            client.post("/counts/taps", data={**form, "reason": "They filled in forms."}).status_code == 303
        )
    assert told(both) == {"telephone": (0, 0, 2, 0), "forms": (0, 0, 2, 0)}
    shown = client.get("/counts").text
    assert shown.count("corrected to Forms by Max Lee") == 2
    assert "They filled in forms." in shown
    assert (
        "Choose at least one"
        in client.post("/counts/taps", data={**form, "tally": [], "reason": "None."}).text
    )
    client.close()


def test_a_tally_sheet_is_entered_once_and_a_second_only_when_said_so(both: Served) -> None:
    client = both.signed_in("ada")
    sheet = {"csrf": token_of(client), "day": str(DAY - timedelta(days=2)), "telephone": "12", "forms": ""}
    first = {**sheet, "command": new_id()}
    for _ in range(2):
        assert client.post("/counts/sheet", data=first).status_code == 303
    again = client.post("/counts/sheet", data={**sheet, "command": new_id()})
    assert again.status_code == 409
    assert "This is another sheet of the same day" in again.text
    for wrong in (
        {"telephone": "twelve"},
        {"telephone": "-3"},
        {"day": "2026-13-01"},
        {"day": str(DAY + timedelta(days=1))},
    ):
        assert client.post("/counts/sheet", data={**sheet, "command": new_id(), **wrong}).status_code == 422
    on = DAY - timedelta(days=2)
    assert told(both, first=on, last=on) == {"telephone": (0, 0, 12, 0)}
    client.close()


def test_a_sheet_sent_again_with_other_numbers_is_not_taken_for_known(both: Served) -> None:
    """The browser's Back button brings the form again, with its number: what was altered there must not vanish without a word."""
    client, on = both.signed_in("max"), DAY - timedelta(days=1)
    sheet = {"csrf": token_of(client), "day": str(on), "command": new_id()}
    assert client.post("/counts/sheet", data={**sheet, "telephone": "12"}).status_code == 303
    for altered in (
        {"telephone": "21"},
        {"telephone": "12", "forms": "3"},
        {"forms": "12"},
        {"telephone": "12", "day": str(DAY)},
    ):
        answer = client.post("/counts/sheet", data={**sheet, **altered})
        assert answer.status_code == 409, altered
        assert "This sheet is entered already, with other numbers" in answer.text
        assert 'name="another"' not in answer.text
    assert told(both, first=on, last=DAY) == {"telephone": (0, 0, 12, 0)}
    assert client.post("/counts/sheet", data={**sheet, "telephone": "12"}).status_code == 303
    client.close()


def test_counts_chosen_together_are_corrected_together_or_not_at_all(both: Served) -> None:
    right, wrong = tap(both, "forms"), tap(both)
    client = both.signed_in("max")
    form = {
        "csrf": token_of(client),
        "command": new_id(),
        "day": str(DAY),
        "activity": "forms",
        "reason": "It was a form.",
    }
    for chosen in ([wrong, right], [wrong, new_id()]):
        assert client.post("/counts/taps", data={**form, "tally": chosen}).status_code in (404, 409)
        assert told(both) == {"telephone": (0, 0, 1, 0), "forms": (0, 0, 1, 0)}
    for _ in range(2):
        assert client.post("/counts/taps", data={**form, "tally": [wrong, wrong]}).status_code == 303
    assert told(both) == {"forms": (0, 0, 2, 0)}
    client.close()


def test_a_greeter_reads_todays_figures_and_no_others(alone: Served) -> None:
    client = alone.signed_in("ada")
    yesterday = str(DAY - timedelta(days=1))
    client.post(
        "/counts/sheet",
        data={"csrf": token_of(client), "command": new_id(), "day": yesterday, "forms": "4777"},
    )
    client.close()
    client = alone.signed_in("grace")
    for path in ("/counts", f"/counts?first={yesterday}", f"/counts?first={yesterday}&last={yesterday}"):
        shown = client.get(path).text
        assert "Today, Tuesday 3 November 2026" in shown, path
        assert "4,777" not in shown, path
        assert "/counts/import" not in shown, path
    assert "4777" not in client.get(f"/counts/figures.csv?first={yesterday}").text
    assert client.get("/counts/taps").status_code == 403
    client.close()


def test_days_that_cannot_be_shown_are_answered_with_a_sentence_and_today(alone: Served) -> None:
    client = alone.signed_in("max")
    for query in (
        "first=soon",
        "first=2026-11-03&last=2026-11-01",
        "first=1990-01-01&last=2026-11-01",
        "last=9999-99-99",
    ):
        answer = client.get(f"/counts?{query}")
        assert answer.status_code == 200, query
        assert 'class="said"' in answer.text, query
        assert "Today, Tuesday 3 November 2026" in answer.text, query
        assert client.get(f"/counts/figures.csv?{query}").status_code == 422, query
    client.close()
