"""Taking the figures away, on the page: at once or made meanwhile, stopped, by nobody else; by e-mail within the council; by other programs. And all of it in Chromium."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from server.actions import api_keys
from server.domain import publishing
from server.domain import reports as rules
from server.store.tables import StaffRole
from server.store.tx import Tx
from tests.server.web.rehearsal import Served, serving, token_of
from tests.server.web.test_counting_panel import enter as sign_in_browser
from tests.server.web.test_pages_for_all import look_over
from tests.support.browser import OpenPage, on_one_loop
from wire.vocabulary import Role, new_id

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
TAKE = {"public": "no", "topic": "footfall", "kind": "month", "first": "2026-11-03", "form": "csv"}
NOT_HERE = "There is no such report here."


def take(client: httpx.Client, **changed: object) -> httpx.Response:
    """Send the form; `centre` is York House where nothing else is said."""
    data = {"csrf": token_of(client), "centre": "1", **TAKE, **changed}
    return client.post("/figures/reports", data=data)


def ready(client: httpx.Client, where: str) -> str:
    give_up = time.monotonic() + 60
    while "It is ready" not in (shown := client.get(where).text):
        assert time.monotonic() < give_up, shown
        time.sleep(0.05)
    return shown


def test_a_short_one_is_there_at_once_and_holds_what_the_page_shows(served: Served) -> None:
    served.set_clock(NOW)
    served.visitor("housing")
    with closing(served.signed_in("max")) as client:
        answer = take(client)
        assert answer.status_code == 200
        named = 'attachment; filename="footfall-york-house-2026-11-01-to-2026-11-30.zip"'
        assert answer.headers["content-disposition"] == named
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            text = packed.read("york-house/footfall/by-activity.csv").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert sum(int(row["visitors"]) for row in rows) == 1
        assert take(client, form="xlsx").content.startswith(b"PK")
        assert b"Took figures away" in served_audit(served)


def served_audit(served: Served) -> bytes:
    with closing(served.signed_in("ada")) as client:
        return client.get("/admin/audit").content


def test_a_printed_one_is_made_meanwhile_and_fetched(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        answer = take(client, form="pdf")
        assert answer.status_code == 303
        where = answer.headers["location"]
        waiting = client.get(where).text
        if "It is ready" not in waiting:
            assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in waiting
            assert "<progress" in waiting
        assert "footfall-york-house-2026-11-01-to-2026-11-30.pdf" in ready(client, where)
        file = client.get(f"{where}/file")
        assert file.content.startswith(b"%PDF")
        assert file.headers["cache-control"] == "no-store"
        assert ">ready<" in client.get("/figures/reports").text
        # Whoever was manager and is no more gets nothing.
        served.run(
            served.house.change(served.actor("ada"), "test", partial(_demote, staff=served.ids.staff["max"]))
        )
        assert client.get(f"{where}/file").status_code in (403, 404)


def _demote(tx: Tx, staff: int) -> None:
    role = tx.session().get_one(StaffRole, (staff, tx.actor.centre, Role.MANAGER))
    tx.session().delete(role)


def test_somebody_of_another_centre_gets_nothing_and_is_told_so(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client, closing(served.signed_in("olga")) as other:
        where = take(client, form="json", kind="range", first="2025-01-01", last="2026-11-01").headers[
            "location"
        ]
        ready(client, where)
        for path in (where, f"{where}/file"):
            answer = other.get(path)
            assert (answer.status_code, NOT_HERE in answer.text) == (404, True)
        stopped = other.post(f"{where}/stop", data={"csrf": token_of(other)})
        assert stopped.status_code == 404
        foreign = take(other)
        assert foreign.status_code == 403
        assert rules.NOT_YOURS in foreign.text
        for centre in ("2", "999999999", "99999999999999999999"):
            assert take(client, centre=centre).status_code in (403, 422)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "range", "first": "2026-11-03", "last": "2026-11-01"}, "The last day is before the first."),
        ({"kind": "range", "first": "1990-01-01", "last": "2026-11-01"}, "At most 30 years"),
        ({"first": "not-a-day"}, "This is not a day."),
        ({"kind": "fortnight"}, "This kind of time is not known."),
        ({"first": "2030-01-01"}, rules.NOT_BEGUN),
        ({"topic": "no-such"}, rules.NO_TOPIC),
        ({"centre": "x"}, rules.NO_CENTRE),
        ({"public": "yes", "kind": "week"}, "For publication choose a month"),
        ({"public": "yes"}, publishing.NOT_OVER),
    ],
)
def test_what_cannot_be_taken_away_is_said_and_the_form_is_kept(
    house: Served, changed: dict[str, str], said: str
) -> None:
    with closing(house.signed_in("max")) as client:
        answer = take(client, **changed)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="csv" checked' in answer.text


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from server.store.schema import migrate_address

    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    mail = {"smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_from": "foyer@council.test"}
    with serving(address, report_domains="council.test, @leicester.test", **mail) as running:
        running.set_clock(NOW)
        yield running


def test_a_time_without_anybody_is_a_file_all_the_same(house: Served) -> None:
    with closing(house.signed_in("max")) as client:
        answer = take(client, kind="month", first="2019-02-01", form="xlsx")
        assert answer.content.startswith(b"PK")
        published = take(client, public="yes", kind="quarter", first="2019-02-01", form="json").json()
        assert published["for_publication"]
        assert [each["topic"] for each in published["chapters"]] == ["publication"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"recipients": "somebody@gmail.test"}, "is not an address of the council"),
        ({"recipients": "x@sub.council.test"}, "is not an address of the council"),
        ({"recipients": "nonsense"}, "is no e-mail address"),
        ({"recipients": " "}, "Write at least one"),
        ({"recipients": "\n".join(f"a{n}@council.test" for n in range(21))}, "At most 20"),
        ({"every": "week"}, "a week is not published"),
        ({"every": "fortnight"}, rules.NO_TOPIC),
        ({"of": "persons"}, rules.NO_TOPIC),
    ],
)
def test_a_plan_that_cannot_be_is_said(house: Served, changed: dict[str, str], said: str) -> None:
    good = {"every": "month", "of": "publication", "recipients": "boss@council.test", "form": "pdf"}
    with closing(house.signed_in("max")) as client:
        answer = client.post("/figures/plans", data={"csrf": token_of(client), **good, **changed})
        assert answer.status_code == 422
        assert said in answer.text
        assert "No plan" not in answer.text


def test_a_plan_is_made_stopped_and_started_again(house: Served) -> None:
    with closing(house.signed_in("max")) as client:
        data = {
            "every": "month",
            "of": "publication",
            "recipients": "Boss@council.test; boss@leicester.test",
            "form": "pdf",
        }
        csrf = {"csrf": token_of(client)}
        assert client.post("/figures/plans", data={**csrf, **data}).status_code == 303
        shown = client.get("/figures/reports").text
        assert "Every month: figures for publication" in shown
        assert "The next one goes on 1 December 2026." in shown
        assert "@leicester.test" in shown
        assert client.post("/figures/plans/1/stop", data=csrf).status_code == 303
        assert "Start again" in client.get("/figures/reports").text
        assert client.post("/figures/plans/1/start", data=csrf).status_code == 303
        with closing(house.signed_in("olga")) as other:
            assert "boss@" not in other.get("/figures/reports").text
            assert other.post("/figures/plans/1/stop", data={"csrf": token_of(other)}).status_code == 404


def test_another_program_reads_the_figures(house: Served) -> None:
    def key(*rights: str) -> dict[str, str]:
        make = partial(api_keys.make, name=f"key {new_id()}", rights=rights, services=())
        _, token = house.run(house.house.change(house.actor("ada"), "api_key", make))
        return {"Authorization": f"Bearer {token}"}

    house.visitor("housing")
    with closing(house.client(headers=key("read"))) as program:
        topics = [each["slug"] for each in program.get("/api/v1/figures").json()["items"]]
        assert "footfall" in topics
        assert "persons" not in topics
        told = program.get("/api/v1/figures/footfall?kind=month&from=2026-11-03").json()
        assert (told["from"], told["to"], told["centre"]) == ("2026-11-01", "2026-11-30", "york-house")
        table = next(each for each in told["items"] if each["slug"] == "by-activity")["tables"][0]
        assert {each["measure"] for each in table["columns"]} >= {"text", "count", "share"}
        assert table["total"]["visitors"] == sum(row["visitors"] for row in table["rows"]) >= 1
        assert told["definitions"]
        for address, status in (
            ("persons", 404),
            ("nothing", 404),
            ("footfall?from=2026-02-30", 400),
            ("footfall?kind=range&from=2026-11-03&to=2026-11-01", 422),
            ("footfall?to=2026-11-03", 422),
            ("publication?kind=month", 422),
        ):
            answer = program.get(f"/api/v1/figures/{address}")
            assert (address, answer.status_code) == (address, status)
            assert answer.headers["content-type"] == "application/problem+json"
    with closing(house.client(headers=key("book"))) as program:
        assert program.get("/api/v1/figures/footfall").status_code == 403


@on_one_loop
async def test_the_pages_in_a_browser(served: Served, open_page: OpenPage) -> None:
    page = await open_page(viewport={"width": 1440, "height": 900})
    await sign_in_browser(page, served.url, "max")
    for path in ("/figures/reports", "/figures/publication?kind=month&first=2026-01-01"):
        await page.goto(served.url + path)
        await look_over(page)
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(f"{served.url}/figures/reports?kind=day")
    await page.check('input[name="form"][value="pdf"]')
    await page.focus("text=Make it")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=It is ready", timeout=60_000)
    await look_over(page)
