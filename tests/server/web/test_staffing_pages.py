"""The roster in a browser and from a file, known events, and the page Staffing; by keyboard, without script, for everybody."""

from __future__ import annotations

import asyncio
import html
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import httpx
import pytest
from sqlalchemy import Connection
from sqlmodel import select

from server.clock import to_micros
from server.domain.access import SYSTEM
from server.jobs.erasing_days import erase_day
from server.live.past_days import read_known, same_weekday
from server.store.tables import Closure, KnownEvent, Opening, Seat, Shift, Ticket, Visit
from server.store.tx import Tx
from tests.server.web.rehearsal import PASSWORD, Served, token_of
from tests.server.web.test_pages_for_all import look_over
from tests.support.browser import OpenPage, on_one_loop
from tests.support.waiting import until
from wire.vocabulary import new_id

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TUESDAY = date(2026, 12, 1)
ROSTER = "/figures/staffing/roster"
MINUTE = 60_000_000


def shifts(served: Served) -> list[tuple[str, str, str, int | None, str, list[str]]]:
    with served.house.database.session() as session:
        rows = session.exec(select(Shift).where(Shift.centre_id == served.ids.centre)).all()
    return sorted(
        (each.held_on.isoformat(), each.begins, each.ends, each.staff_id, each.who, each.services)
        for each in rows
    )


def post_day(
    client: httpx.Client, rows: list[dict[str, object]], mark: str = "", on: date = TUESDAY
) -> httpx.Response:
    shown = client.get(f"{ROSTER}/day?on={on}").text
    form: dict[str, object] = {"csrf": token_of(client), "on": on.isoformat(), "mark": mark or mark_in(shown)}
    for number, row in enumerate(rows):
        form |= {f"{name}-{number}": value for name, value in {"begins": "", "ends": "", **row}.items()}
    return client.post(f"{ROSTER}/day", data=form)


def mark_in(page: str) -> str:
    return page.split('name="mark" value="', 1)[1].split('"', 1)[0]


def faults_in(page: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'class="fault"[^>]*>([^<]*)<', page)]


def test_a_day_is_entered_whole_or_not_at_all(served: Served) -> None:
    served.set_clock(NOW)
    priya, tom = served.ids.staff["priya"], served.ids.staff["tom"]
    with closing(served.signed_in("max")) as client:
        bad = post_day(
            client,
            [
                {"staff": priya, "begins": "09:30", "ends": "13:00"},
                {"staff": priya, "begins": "12:00", "ends": "16:00"},
                {"begins": "late", "ends": ""},
                {"staff": tom, "who": "Sam", "begins": "09:00", "ends": "10:00"},
            ],
        )
        assert bad.status_code == 422
        assert faults_in(bad.text) == [
            "Write both times as 09:30 and 16:30, or empty both to have no shift here.",
            "Choose an account or write a name, not both.",
        ]
        assert 'value="late"' in bad.text  # what was filled in is still there
        overlap = post_day(
            client,
            [
                {"staff": priya, "begins": "09:30", "ends": "13:00"},
                {"staff": priya, "begins": "12:00", "ends": "16:00"},
            ],
        )
        assert faults_in(overlap.text) == [
            "Priya Shah is already down for 09:30 to 13:00 on Tuesday 1 December. Nobody can be in two places."
        ]
        assert shifts(served) == []
        good: list[dict[str, object]] = [
            {"staff": priya, "begins": "09:30", "ends": "13:00", "services": ["housing", "council-tax"]},
            {"who": "Agency Sam", "begins": "9:30", "ends": "16:30"},
            {"begins": "22:00", "ends": "02:00"},
            {},
        ]
        old_mark = mark_in(client.get(f"{ROSTER}/day?on={TUESDAY}").text)
        assert post_day(client, good).status_code == 303
        entered = [
            ("2026-12-01", "09:30", "13:00", priya, "", ["housing", "council-tax"]),
            ("2026-12-01", "09:30", "16:30", None, "Agency Sam", []),
            ("2026-12-01", "22:00", "02:00", None, "", []),
        ]
        assert sorted(shifts(served), key=str) == sorted(entered, key=str)
        late = post_day(client, [{"begins": "10:00", "ends": "11:00"}], mark=old_mark)  # a page from before
        assert late.status_code == 409
        assert "Somebody else has entered this day meanwhile" in late.text
        assert len(shifts(served)) == 3
        week = client.get(f"{ROSTER}?week=2026-12-05").text
        assert "Agency Sam" in week
        assert "Somewhere to live, Council tax" in week
        assert post_day(client, []).status_code == 303  # emptied
        assert shifts(served) == []
        assert post_day(client, [{"begins": "9", "ends": "10", "services": ["nonsense"]}]).status_code == 422
        assert client.get(f"{ROSTER}/day?on=yesterday").status_code == 422


def test_last_week_is_copied_onto_days_that_have_none_and_what_cannot_be_is_told(served: Served) -> None:
    served.set_clock(NOW)

    def close(tx: Tx) -> None:
        on = TUESDAY + timedelta(days=9)
        tx.session().add(
            Closure(centre_id=served.ids.centre, first_on=on, last_on=on, reason={"en": "Repairs"})
        )

    served.run(served.house.change(SYSTEM, "test", close))
    with closing(served.signed_in("max")) as client:
        for days in (0, 1, 2):
            assert (
                post_day(
                    client, [{"begins": "09:30", "ends": "16:30"}], on=TUESDAY + timedelta(days=days)
                ).status_code
                == 303
            )
        assert (
            post_day(
                client, [{"begins": "12:00", "ends": "13:00"}], on=TUESDAY + timedelta(days=7)
            ).status_code
            == 303
        )
        form = {"csrf": token_of(client), "week": "2026-12-10"}
        copied = client.post(f"{ROSTER}/copy", data=form)
        assert copied.status_code == 200
        assert "1 shift of last week copied onto 1 day." in copied.text
        assert "The centre is closed that day" in copied.text  # the Thursday
        there = [(on, begins) for on, begins, *_ in shifts(served) if on > "2026-12-04"]
        assert there == [("2026-12-08", "12:00"), ("2026-12-09", "09:30")]
        again = client.post(f"{ROSTER}/copy", data=form)
        assert again.status_code == 409
        assert len(shifts(served)) == 5
        assert client.post(f"{ROSTER}/copy", data={**form, "week": "x"}).status_code == 422


def upload(client: httpx.Client, content: str) -> httpx.Response:
    return client.post(
        f"{ROSTER}/import",
        data={"csrf": token_of(client)},
        files={"file": ("roster.csv", content.encode(), "text/csv")},
    )


def test_a_file_is_looked_at_first_and_entered_once(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        assert post_day(client, [{"begins": "08:00", "ends": "09:00"}]).status_code == 303
        bad = upload(
            client,
            "date,begins,ends,who\n2026-12-01,09:30,13:00,priya\n2026-12-01,12:00,14:00,Priya Shah\n2026-12-02,25:00,14:00,\n",
        )
        assert bad.status_code == 422
        assert "<b>Line 4</b> ends" not in bad.text
        assert "<b>Line 4</b> begins is &#39;25:00&#39;, which is no time." in bad.text
        overlap = upload(
            client, "date,begins,ends,who\n2026-12-01,09:30,13:00,priya\n2026-12-01,12:00,14:00,Priya Shah\n"
        )
        assert "<b>Line 3</b> Priya Shah is already down for 09:30 to 13:00" in overlap.text
        assert 'name="key"' not in overlap.text
        shown = upload(
            client,
            "date,begins,ends,who,services\n2026-12-01,09:30,13:00,Tom Baker,Parking permits\n2026-12-02,09:30,16:30,Agency Sam,\n",
        )
        assert shown.status_code == 200
        assert "Nobody with an account here is called Agency Sam" in shown.text
        assert "<li>1 December 2026: the one shift down now, replaced by 1</li>" in shown.text
        assert "2 December 2026: " not in shown.text
        before = shifts(served)
        assert len(before) == 1
        form = {
            "csrf": token_of(client),
            "key": shown.text.split('name="key" value="', 1)[1].split('"', 1)[0],
        }
        with closing(served.signed_in("ada")) as other:
            assert (
                other.post(f"{ROSTER}/import/enter", data={**form, "csrf": token_of(other)}).status_code
                == 403
            )
        for _ in range(2):
            answer = client.post(f"{ROSTER}/import/enter", data=form)
            week = f"{ROSTER}?week=2026-12-01&entered={form['key']}"
            assert (answer.status_code, answer.headers["location"]) == (303, week)
        assert shifts(served) == [
            ("2026-12-01", "09:30", "13:00", served.ids.staff["tom"], "", ["parking"]),
            ("2026-12-02", "09:30", "16:30", None, "Agency Sam", []),
        ]
        assert client.post(f"{ROSTER}/import/enter", data={**form, "key": "gone"}).status_code == 410
        assert "Take it back" in client.get(week).text
        undo = {**form, "week": "2026-12-01"}
        with closing(served.signed_in("olga")) as other:
            late = other.post(f"{ROSTER}/take-back", data={**undo, "csrf": token_of(other)})
            assert late.status_code == 410  # what somebody else read is nobody's business
        entered = shifts(served)
        for _ in range(2):
            taken = client.post(f"{ROSTER}/take-back", data=undo)
            assert "1 shift is down for its days again, as before" in html.unescape(taken.text)
            assert shifts(served) == before
        assert "Take it back" not in client.get(week).text
        assert client.post(f"{ROSTER}/import/enter", data=form).status_code == 303  # after all
        assert post_day(client, [{"begins": "10:00", "ends": "11:00"}]).status_code == 303
        assert client.post(f"{ROSTER}/take-back", data=undo).status_code == 409
        again = client.post(f"{ROSTER}/import/enter", data={**form, "key": ""})
        assert again.status_code == 410
        second = upload(client, "date,begins,ends\n2026-12-01,09:30,13:00\n")
        assert post_day(client, [{"begins": "10:00", "ends": "12:00"}]).status_code == 303
        form["key"] = second.text.split('name="key" value="', 1)[1].split('"', 1)[0]
        overtaken = client.post(f"{ROSTER}/import/enter", data=form)
        assert (overtaken.status_code, "since the file was looked at" in overtaken.text) == (409, True)
        assert [each[1:3] for each in shifts(served)] == [("10:00", "12:00"), entered[1][1:3]]
        template = client.get(f"{ROSTER}/import/template.csv")
        assert upload(client, template.content.decode("utf-8-sig")).status_code == 200


def test_known_events_are_added_and_removed(served: Served) -> None:
    served.set_clock(NOW)
    where = "/figures/staffing/events"
    with closing(served.signed_in("max")) as client:
        good = {
            "csrf": token_of(client),
            "name": "Council tax bills",
            "kind": " Bills ",
            "first": "2027-03-08",
            "last": "2027-03-19",
        }
        for wrong in (
            {"name": ""},
            {"first": ""},
            {"last": "2027-03-01"},
            {"last": "2028-03-01"},
            {"kind": "x" * 60},
        ):
            refused = client.post(where, data={**good, **wrong})
            assert refused.status_code in (409, 422), wrong
            assert "Problem:" in refused.text
        assert client.post(where, data=good).status_code == 303
        assert client.post(where, data=good).status_code == 409  # asked twice
        shown = client.get(where).text
        assert "8 March 2027 to 19 March 2027, kind: bills" in shown
        with served.house.database.session() as session:
            (event,) = session.exec(select(KnownEvent)).all()
        with closing(served.signed_in("olga")) as elsewhere:
            removed = elsewhere.post(f"{where}/{event.id}/remove", data={"csrf": token_of(elsewhere)})
            assert removed.status_code == 404
        assert client.post(f"{where}/{event.id}/remove", data={"csrf": token_of(client)}).status_code == 303
        assert "8 March 2027" not in client.get(where).text


def past_tuesdays(served: Served, weeks: int = 6) -> None:
    """Tuesdays on which 24 came, one every ten minutes from ten, served for eight minutes by one desk."""

    def fill(tx: Tx) -> None:
        session = tx.session()
        for week in range(1, weeks + 1):
            on = TUESDAY - timedelta(weeks=week + 0)
            if on >= NOW.date():
                continue
            ten = datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
            session.add(
                Seat(
                    centre_id=served.ids.centre,
                    staff_id=served.ids.staff["priya"],
                    counter_id=1,
                    services=[1, 2, 3],
                    since_at=ten,
                    until_at=ten + timedelta(hours=6),
                )
            )
            for number in range(24):
                at = ten + timedelta(minutes=10 * number)
                visit, ticket = new_id(), new_id()
                session.add(
                    Visit(
                        id=visit,
                        centre_id=served.ids.centre,
                        arrived_on=on,
                        code=f"K{number:02d}",
                        follow_hash=new_id(),
                        arrived_at=at,
                        ended_at=at + timedelta(minutes=8),
                    )
                )
                session.flush()
                session.add(
                    Ticket(
                        id=ticket,
                        visit_id=visit,
                        centre_id=served.ids.centre,
                        service_id=1,
                        state="finished",
                        arrived_at=at,
                        counts_from=at,
                        counter_id=1,
                        staff_id=served.ids.staff["priya"],
                        first_called_at=at,
                        called_at=at,
                        served_at=at,
                        ended_at=at + timedelta(minutes=8),
                        outcome="resolved",
                    )
                )

    served.run(served.house.change(SYSTEM, "test", fill))


def ready(client: httpx.Client, address: str) -> httpx.Response:
    """The page once the search is through; it looks again by itself, as the browser would."""
    seen: list[httpx.Response] = []

    def is_through() -> bool:
        seen.append(client.get(address))
        return "refresh" not in seen[-1].headers

    until(is_through, seconds=30.0, what="the search for desks")
    return seen[-1]


def test_the_page_tells_of_a_day_what_its_past_days_say(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        assert (
            "Too little is known to say who will come" in client.get(f"/figures/staffing?on={TUESDAY}").text
        )
        past_tuesdays(served)
        assert post_day(client, [{"begins": "09:00", "ends": "16:00"}]).status_code == 303
        shown = html.unescape(ready(client, f"/figures/staffing?on={TUESDAY}").text)
        assert "On Tuesday 1 December about 24 are expected to walk in" in shown
        assert (
            "With 1 desk at work, 100% are seen within their target on 5 past days like Tuesday 1 December, played again."
            in shown
        )
        assert (
            "The roster has fewer from 00:00 to 09:00 and from 16:00 to 00:00, and even so it would be 100%: it is enough."
            in shown
        )
        assert (
            "Played again with the desks they had, these days come to 100% within the target where it was 100%"
            in shown
        )
        asked = f"/figures/staffing?on={TUESDAY}&begins=10:00&ends=12:00&more=-1&base=past"
        what_if = html.unescape(ready(client, asked).text)
        assert "1 desk fewer from 10:00 to 12:00, on 5 past days played again: " in what_if
        table = client.get(f"/figures/table.csv?topic=staffing&figure=expected&kind=day&first={TUESDAY}")
        assert table.text.splitlines()[0].endswith(
            "half_hour,walk_ins,at_least,at_most,appointments,together"
        )
        for wrong in (
            "begins=noon&ends=13:00&more=1",
            "begins=13:00&ends=12:00&more=0",
            "begins=10:00&ends=12:00&more=99",
            "begins=10:00",
        ):
            assert client.get(f"/figures/staffing?on={TUESDAY}&{wrong}").status_code == 422, wrong
        for odd in (
            "on=2026-11-17",
            "on=2199-01-01",
            "on=1990-01-02",
            "on=never",
            "kind=week&first=2020-01-01",
            "",
        ):
            assert client.get(f"/figures/staffing?{odd}").status_code == 200, odd
        erased = [TUESDAY - timedelta(weeks=week) for week in (5, 6)]
        here = replace(SYSTEM, centre=served.ids.centre)
        for on in erased:
            served.run(served.house.change(here, "test", partial(erase_day, day=on)))

        def look(connection: Connection) -> None:
            known = read_known(connection, served.ids.centre, to_micros(NOW))
            assert [known.past.totals[on] for on in erased] == [24, 24]  # the sums that are kept tell
            left = [TUESDAY - timedelta(weeks=week) for week in (2, 3, 4)]
            assert same_weekday(known, TUESDAY) == left  # but not who came when

        served.run(served.house.look(look))
        shown = ready(client, f"/figures/staffing?on={TUESDAY}").text
        assert "From the last 3 usual Tuesdays" in shown
        assert "about 24 are expected to walk in" in shown


def open_from(served: Served, opens: str, closes: str) -> None:
    def change(tx: Tx) -> None:
        for each in tx.session().exec(select(Opening).where(Opening.centre_id == served.ids.centre)):
            each.opens, each.closes = opens, closes

    served.run(served.house.change(SYSTEM, "test", change))


def test_a_centre_open_past_midnight_is_told_by_its_own_clock(served: Served) -> None:
    served.set_clock(NOW)

    open_from(served, "10:00", "02:00")
    past_tuesdays(served)
    with closing(served.signed_in("max")) as client:
        shift: dict[str, object] = {"begins": "20:00", "ends": "01:00"}
        assert post_day(client, [shift]).status_code == 303
        week = html.unescape(client.get(f"{ROSTER}?week={TUESDAY}").text)
        assert "20:00–01:00" in week
        assert "10:00–02:00" in week
        page = f"/figures/staffing?on={TUESDAY}"
        shown = html.unescape(ready(client, page).text)
        assert "The roster has fewer from 10:00 to 20:00 and from 01:00 to 02:00" in shown
        for begins, ends in (("23:00", "01:30"), ("00:30", "01:30")):
            asked = f"{page}&begins={begins}&ends={ends}&more=1&base=past"
            answer = ready(client, asked)
            assert answer.status_code == 200
            assert f"1 desk more from {begins} to {ends}, on 5 past days" in html.unescape(answer.text)
        assert client.get(f"{page}&begins=03:00&ends=04:00&more=1").status_code == 422


@pytest.mark.parametrize("username", ["priya", "ada"])
def test_only_managers_see_it(served: Served, username: str) -> None:
    with closing(served.signed_in(username)) as client:
        for page in ("", "/roster", "/roster/day", "/roster/import", "/events"):
            assert client.get(f"/figures/staffing{page}").status_code == 403


@on_one_loop
async def test_by_keyboard_without_script_and_for_everybody(served: Served, open_page: OpenPage) -> None:
    served.set_clock(NOW)
    await asyncio.to_thread(past_tuesdays, served)
    page = await open_page(f"{served.url}/sign-in", java_script_enabled=False)
    await page.fill("#username", "max")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(lambda address: "sign-in" not in address)
    await page.goto(f"{served.url}{ROSTER}/day?on={TUESDAY}")
    await page.focus("#staff-0")
    await page.keyboard.type("Tom")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type("0930AM")
    await page.focus("#ends-0")
    await page.keyboard.type("0430PM")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{ROSTER}?week=*")
    assert shifts(served) == [("2026-12-01", "09:30", "16:30", served.ids.staff["tom"], "", [])]
    cookies = await page.context.cookies()
    seen = await open_page(storage_state={"cookies": cookies, "origins": []})
    client = served.client(cookies={each["name"]: each["value"] for each in cookies})
    staffing = f"/figures/staffing?on={TUESDAY}&begins=10:00&ends=12:00&more=1&base=roster"
    with closing(client):
        await asyncio.to_thread(ready, client, staffing)
    for address in (
        staffing,
        f"{ROSTER}?week={TUESDAY}",
        f"{ROSTER}/day?on={TUESDAY}",
        f"{ROSTER}/import",
        "/figures/staffing/events",
    ):
        await seen.goto(f"{served.url}{address}")
        await look_over(seen)
