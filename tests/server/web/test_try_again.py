"""A visitor's page that is not to be had for now leads on: every link on it is a page that can be looked at, and a tablet at the exit comes back by itself."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from server.domain.public_routes import PUBLIC
from server.domain.refusals import Refused
from server.web.errors import FOR_NOW
from tests.server.web.booked_house import copied
from tests.server.web.rehearsal import Served, serving
from tests.server.web.test_access import every_route
from tests.server.web.test_rating import fields_of
from wire.references import new_reference, show_reference
from wire.vocabulary import RefusalCode

COUNCIL = "https://council.example/privacy"
SENT = sorted(path for method, path in PUBLIC if method != "GET")
EXIT = "/how-was-it/york-house"
ABOVE = {"/book/keep": "/book", "/t/{secret}/how": "/t/a-secret"}
"""The only ones nobody can look at: a link there would be an error, so it leads to the page they were sent from."""


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(copied(sqlite_template, tmp_path_factory), privacy_notice=COUNCIL) as found:
        yield found


def looked_at(house: Served, path: str, method: str = "GET") -> Route | None:
    """The route that answers there."""
    scope = {"type": "http", "method": method, "path": unquote(path), "root_path": "", "headers": []}
    routes = (each for each in every_route(house.app.routes) if isinstance(each, Route))
    return next((each for each in routes if each.matches(scope)[0] is Match.FULL), None)


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"a-\1", path)


async def refused_for_now(house: Served, path: str, query: str = "", method: str = "POST") -> str:
    """What the application answers there when it has to be tried again."""
    route = looked_at(house, path, method)
    assert route is not None
    scope = {
        "type": "http", "app": house.app, "method": method, "path": path, "query_string": query.encode(), "route": route,
        "headers": [(b"accept", b"text/html")], "server": ("house", 80), "scheme": "http", "root_path": "",
    }  # fmt: skip
    answer = await house.app.exception_handlers[Refused](  # type: ignore[misc]  # as the framework calls it
        Request(scope), Refused(RefusalCode.TRY_LATER, "Not now.")
    )
    assert isinstance(answer, Response)
    assert answer.status_code == 429
    assert "set-cookie" not in answer.headers or "stay=1" not in query, "a tablet is everybody's"
    return bytes(answer.body).decode()


def links(text: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<a [^>]*href="([^"#][^"]*)"', text)]


def again(text: str) -> str:
    (found,) = re.findall(r'<p class="govuk-body"><a class="govuk-link" href="([^"]+)"', text)
    return unescape(found)


@pytest.mark.parametrize("path", SENT)
async def test_after_what_was_sent_every_link_leads_to_a_page(house: Served, path: str) -> None:
    text = await refused_for_now(house, filled(path))
    assert again(text) == ABOVE.get(path, filled(path)), "as near as can be to where they were"
    own = [each for each in links(text) if each.startswith("/")]
    assert len(own) > 6, "the brand, the other languages, and once more"
    for each in own:
        found = looked_at(house, urlsplit(each).path)
        assert found is not None, f"{each} is no page"
        assert ("GET", found.path) in PUBLIC, f"{each} is no visitor's page"
    assert COUNCIL in links(text)
    assert "refresh" not in text, "on a phone the visitor says when"


async def test_what_was_looked_at_is_looked_at_again_in_the_same_way(house: Served) -> None:
    text = await refused_for_now(house, "/book/when", "week=2", "GET")
    assert again(text) == "/book/when"
    assert any("week=2&lang=pl" in each for each in links(text))
    text = await refused_for_now(house, "/carry-on/a?b;c", method="GET")
    assert again(text) == "/carry-on/a%3Fb;c", "what is in an address stays in its place"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_tablet_at_the_exit_comes_back_by_itself_and_has_no_way_out(
    house: Served, method: str
) -> None:
    text = await refused_for_now(house, EXIT, "stay=1&lang=ur" if method == "GET" else "stay=1", method)
    start = f"{EXIT}?stay=1"
    assert again(text) == start
    assert f'<meta http-equiv="refresh" content="20;url={start}">' in text
    assert COUNCIL not in text
    ways = [urlsplit(each) for each in links(text)]
    assert {each.path for each in ways} == {EXIT}
    assert all(parse_qs(each.query)["stay"] == ["1"] for each in ways), "also in another language"


def test_an_answer_a_tablet_cannot_save_is_not_its_end(sqlite_url: str) -> None:
    with serving(sqlite_url, privacy_notice=COUNCIL) as house:
        client = house.client()
        faces = client.get(f"{EXIT}?stay=1")
        (to,) = re.findall(r'<form method="post" action="([^"]+)"', faces.text)
        why = client.post(unescape(to), data=fields_of(faces, score="4"))
        (then,) = re.findall(r'<form method="post" action="([^"]+)"', why.text)
        books = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
        books.execute("ALTER TABLE feedback RENAME TO away")
        books.commit()
        books.close()
        for address, typed in (
            (to, fields_of(faces, score="2")),
            (then, fields_of(why, reason="wait")),
        ):
            answer = client.post(unescape(address), data=typed)
            assert answer.status_code in FOR_NOW
            assert f'content="20;url={EXIT}?stay=1"' in answer.text
            assert COUNCIL not in answer.text


def test_a_form_to_carry_on_with_that_was_tried_often_leads_back_to_itself(house: Served) -> None:
    client = house.client()
    reference = f"/carry-on/{show_reference(new_reference(secrets.choice))}"
    for _ in range(60):
        answer = client.get(reference)
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert again(answer.text) == reference
    assert again(client.post(reference).text) == reference
