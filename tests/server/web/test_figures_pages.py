"""The pages of figures: the published quarter in one click, times nobody can mean, who may see which centre, a figure as a file; and all of it in Chromium for everybody."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import httpx

from server.domain.definitions import DEFINITIONS
from server.live.telling import TOPICS
from server.store.tables import StaffRole
from tests.server.web.rehearsal import Served, token_of
from tests.server.web.test_counting_panel import enter as sign_in_browser
from tests.server.web.test_counts import SAMPLE, rename, send
from tests.server.web.test_counts import enter as enter_import
from tests.server.web.test_pages_for_all import look_over
from tests.support.browser import OpenPage, axe_faults, on_one_loop
from wire import asks
from wire.vocabulary import Language, Need, Role, new_id

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
QUARTER = "/figures/footfall?kind=quarter&first=2023-05-10&only=by-activity"
PUBLISHED = [
    ("Scan station", "583"),
    ("Telephone", "295"),
    ("Self-service PC", "211"),
    ("Advice", "191"),
    ("Payment kiosk", "122"),
    ("Forms", "109"),
    ("Support", "74"),
    ("Appointment", "17"),
]


def rows_of(html: str, slug: str) -> list[tuple[str, str]]:
    """The first two cells of each row of a figure's table."""
    block = html.split(f'id="{slug}"', 1)[1].split("</section>", 1)[0]
    body = block.split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return re.findall(r'<th scope="row"[^>]*>([^<]*)</th><td[^>]*>([^<]*)</td>', body)


def import_quarter(client: httpx.Client) -> None:
    assert enter_import(client, send(client, SAMPLE.read_bytes(), "york-house.csv")).status_code == 303


def test_the_published_quarter_in_one_click(served: Served) -> None:
    with closing(served.signed_in("max")) as client:
        import_quarter(client)
        shown = client.get(QUARTER).text
        assert rows_of(shown, "by-activity") == PUBLISHED
        total = shown.split("<tfoot>", 1)[1].split("</tfoot>", 1)[0]
        assert re.findall(r">([^<>]+)</t[hd]>", total)[:2] == ["Together", "1,602"]
        assert "1,602 came; more than a third for the scan station." in shown
        assert "All of it is from imported files." in shown
        assert shown.count('role="img"') == 2, "the chart, wide and narrow"
        assert shown.count('class="card figure-block"') == 1, "and no other figure"
        click = re.search(
            r'href="([^"]+)">Only the table by activity',
            client.get(QUARTER.replace("&only=by-activity", "")).text,
        )
        assert click is not None
        assert rows_of(client.get(click[1].replace("&amp;", "&")).text, "by-activity") == PUBLISHED
        file = client.get(
            "/figures/table.csv?topic=footfall&figure=by-activity&kind=quarter&first=2023-05-10"
        )
        table = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
        assert [(row["activity"], row["visitors"]) for row in table] == PUBLISHED
        assert (
            file.headers["content-disposition"]
            == 'attachment; filename="footfall-by-activity-2023-04-01-to-2023-06-30.csv"'
        )


WRONG = {
    "kind=range&first=2026-03-02&last=2026-03-01": "The last day is before the first.",
    "kind=range&first=1991-01-01&last=2026-01-01": "At most 30 years are shown at once.",
    "kind=fortnight": "This kind of time is not known.",
    "first=yesterday": "This is not a day.",
    "first=0001-01-01": "Days from 1990 to 2200 can be shown.",
}


def test_a_time_that_cannot_be_shown_is_answered_with_one_that_can(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        for query, said in WRONG.items():
            for path in ("/figures", "/figures/footfall", "/figures/centres"):
                answer = client.get(f"{path}?{query}")
                assert answer.status_code == 200
                alert = answer.text.split('role="alert">', 1)[1].split("</div>", 1)[0]
                assert said in alert
                assert "This is shown instead" in alert
            file = client.get(f"/figures/table.csv?topic=footfall&figure=by-activity&{query}")
            assert file.status_code == 422, (
                "a file of another time than was asked for would be wrong for ever"
            )


def test_days_decades_and_the_future_are_times_like_any_other(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        for query in (
            "kind=day&first=2026-11-03",
            "kind=range&first=2016-11-04&last=2026-11-03",
            "kind=council_year&first=2026-04-01",
        ):
            shown = client.get(f"/figures/footfall?{query}").text
            assert "Nobody was counted in this time" in shown
        for path in ("/figures", "/figures/footfall", "/figures/centres"):
            shown = client.get(f"{path}?kind=month&first=2027-02-03").text
            assert "This time lies in the future: nothing is known of it yet." in shown
            assert 'rel="next"' not in shown
        assert 'rel="prev"' not in client.get("/figures/footfall?kind=day&first=1990-01-01").text


def test_every_figure_has_its_definition_and_every_definition_is_in_the_glossary(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        served.visitor("council-tax")
        glossary = client.get("/figures/definitions").text
        assert set(re.findall(r'<section class="card definition" id="([^"]+)"', glossary)) == set(DEFINITIONS)
        for slug in ("footfall", "centres"):
            shown = client.get(f"/figures/{slug}?kind=month").text
            figures = re.findall(r'<section class="card figure-block" id="([^"]+)"', shown)
            linked = re.findall(r'href="/figures/definitions#([^"]+)"', shown)
            folded = re.findall(r'<a id="([^"]+)" href="/figures/definitions#', shown)
            assert len(figures) + len(folded) == len(linked) > 4
            assert not set(figures) & set(folded)
            assert set(linked) <= set(DEFINITIONS)


def test_centres_are_those_where_one_is_manager_and_a_file_is_nobody_elses(served: Served) -> None:
    served.set_clock(NOW)
    served.visitor("council-tax")
    with closing(served.signed_in("max")) as client:
        shown = client.get("/figures/centres?kind=month").text
        assert [name for name, _ in rows_of(shown, "footfall")] == ["York House"]
        assert "Elsewhere" not in shown

        own = {"staff_id": served.ids.staff["max"], "centre_id": served.ids.other}
        rename(served, lambda session: session.add(StaffRole(**own, role=Role.ADVISER)))
        assert "Elsewhere" not in client.get("/figures/centres?kind=month").text, "an adviser there only"
        rename(served, lambda session: session.add(StaffRole(**own, role=Role.MANAGER)))
        shown = client.get("/figures/centres?kind=month").text
        assert dict(rows_of(shown, "footfall")) == {"York House": "1", "Elsewhere": "0"}
    for who in ("ada", "priya", "grace", "fay"):
        with closing(served.signed_in(who)) as client:
            for path in (
                "/figures",
                "/figures/footfall",
                "/figures/centres",
                "/figures/table.csv?topic=footfall&figure=by-activity",
            ):
                assert client.get(path).status_code == 403, (who, path)
            assert ('href="/figures"' in client.get("/").text) is False


def test_a_file_of_no_such_figure_is_not_there(served: Served) -> None:
    with closing(served.signed_in("max")) as client:
        for query in ("topic=footfall&figure=nothing", "topic=nothing&figure=by-activity", ""):
            assert client.get(f"/figures/table.csv?{query}").status_code == 404


# In Chromium -----------------------------------------------------------------------------------------------------------


def a_busy_day(served: Served) -> None:
    """Four hours of it, so that by-hour and language have something to show; and the day and week before."""
    for hours in (3, 2, 1, 0):
        served.set_clock(NOW - timedelta(hours=hours))
        for number, service in enumerate(("council-tax",) * 5 + ("housing",) * 6 + ("private", "parking")):
            language = Language.PL if number % 4 == 0 else Language.EN
            served.visitor(service, language=language, needs=(Need.STEP_FREE,) if number % 3 == 0 else ())
        for _ in range(7 - hours):
            served.ask(served.actor("grace"), asks.Count(tally=new_id(), activity="scan_station"))
    with closing(served.signed_in("max")) as client:
        import_quarter(client)
        assert token_of(client)


@on_one_loop
async def test_the_pages_of_figures_for_everybody(served: Served, open_page: OpenPage) -> None:
    """At every size and text size, by keyboard, printed, in the screen's own colours, and without any script."""
    await asyncio.to_thread(a_busy_day, served)
    page = await open_page(viewport={"width": 1440, "height": 900}, java_script_enabled=True)
    await sign_in_browser(page, served.url, "max")
    for path in ("/figures/footfall?kind=month", "/figures/centres?kind=month"):
        await page.goto(served.url + path)
        await look_over(page)
    for path in ("/figures?kind=day", QUARTER, "/figures/definitions#visits"):
        await page.goto(served.url + path)
        assert await axe_faults(page) == [], path
    # One drawing of each chart is shown, the one that fits.
    await page.goto(f"{served.url}/figures/footfall?kind=day")
    shown = "[...document.querySelectorAll('svg.chart')].filter(each => each.getBoundingClientRect().width > 0).map(each => each.classList[1])"
    for width, size in ((1280, "chart-wide"), (320, "chart-narrow")):
        await page.set_viewport_size({"width": width, "height": 800})
        assert set(await page.evaluate(shown)) == {size}
    # By keyboard: to the chooser, another kind of time, and the meaning of the first figure.
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.focus("#kind")
    await page.keyboard.type("Week")
    await page.focus("#first")
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda address: "kind=week" in address)
    summary = page.locator("#by-activity summary")
    await summary.focus()
    await page.keyboard.press("Enter")
    assert await page.locator("#by-activity .figure-meant").is_visible()
    await page.locator("#by-activity .figure-scroll").first.focus()
    # In the screen's own colours every bar is drawn in one of them.
    await page.emulate_media(forced_colors="active")
    assert await page.evaluate("getComputedStyle(document.querySelector('.chart .s1')).fill") in (
        "rgb(0, 0, 0)",
        "rgb(255, 255, 255)",
    )
    assert await axe_faults(page) == []
    # Printed: the figures, and nothing to click.
    await page.emulate_media(media="print", forced_colors="none")
    hidden = (".span-chooser", ".figure-tabs", ".bar", ".figure-more")
    assert [each for each in hidden if await page.locator(each).first.is_visible()] == []
    assert await page.locator("#by-hour .chart-wide").is_visible()
    assert (
        await page.evaluate("getComputedStyle(document.querySelector('.figure-scroll')).maxHeight") == "none"
    )


@on_one_loop
async def test_without_script_a_time_is_chosen_all_the_same(served: Served, open_page: OpenPage) -> None:
    page = await open_page(java_script_enabled=False)
    await sign_in_browser(page, served.url, "max")
    await page.goto(f"{served.url}/figures/footfall")
    await page.select_option("#kind", "council_year")
    await page.fill("#first", "2023-05-10")
    await page.click("text=Show >> nth=-1")
    await page.wait_for_url(lambda address: "council_year" in address)
    assert "2023/24" in await page.inner_text(".figures-when")
    await page.click("a[rel=prev]")
    assert "2022/23" in await page.inner_text(".figures-when")


def test_the_first_page_opens_on_seven_days_that_are_over(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        shown = client.get("/figures").text
        assert "27 October to 2 November 2026" in shown
        assert 'href="?kind=week&amp;first=2026-11-02' in shown
        assert "The last seven days" not in shown
        assert "The last seven days" in client.get("/figures?kind=day&first=2026-11-03").text


def test_what_is_empty_is_one_card(served: Served) -> None:
    served.set_clock(NOW)
    with closing(served.signed_in("max")) as client:
        for slug in ("waits", "why"):
            shown = client.get(f"/figures/{slug}?kind=day&first=2026-11-01").text
            assert shown.count('<section class="card figure-block"') == 1
            assert "<table" not in shown
            assert shown.count('<a id="waits-by-hour" href="/figures/definitions#waits-by-hour">') == (
                slug == "waits"
            )


def test_what_the_overview_shows_is_what_the_topics_tell(served: Served) -> None:
    served.set_clock(NOW)
    served.visitor("council-tax")
    with closing(served.signed_in("max")) as client:
        shown = client.get("/figures?kind=day").text
        for slug in re.findall(r'aria-labelledby="glance-([a-z]+)"', shown):
            assert slug in TOPICS
            assert f'href="/figures/{slug}?kind=day' in shown
        assert "1 has come so far" in shown
        assert date(2026, 11, 3).isoformat() in shown
