"""York House with forms on the web: two that come with Foyer, and one with a question of every kind; and somebody who fills them in without script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session, col, delete, select

from server.actions.forms import offer, publish_text
from server.centrefile.handing import OfferedForm
from server.clock import from_micros
from server.domain.access import Actor
from server.store.tables import (
    BookingTry,
    Carried,
    Centre,
    Closure,
    Document,
    Form,
    FormVersion,
    Piece,
    Post,
    SelfServiceUse,
    Submission,
)
from server.store.tables.forms import Address, AddressList
from server.store.tx import Tx
from server.web.taking_in import open_document, open_facts
from tests.server.web.booked_house import TUESDAY
from tests.server.web.forms import form_in
from tests.server.web.rehearsal import Hands, Served, serving

EVERY = Path(__file__).with_name("every-kind.yaml")
PUBLIC = "https://queue.leicester.example.gov.uk"
STREET = "report-a-street-problem"


@dataclass
class Formed:
    """The running house and its clock."""

    served: Served
    clock: Hands

    def change(self, function: Any, centre: int = 1) -> Any:
        return self.served.run(
            self.served.house.change(Actor(kind="system", centre=centre), "test", function)
        )

    def read(self, function: Any) -> Any:
        return self.served.run(self.served.house.read(function))

    def afresh(self) -> Formed:
        """As on the morning it was set up: nothing begun, nothing sent, every form in its first version."""
        self.clock.turn(TUESDAY - self.clock.now())
        self.change(_furnish)
        return self

    def rows(self, table: Any) -> list[Any]:
        found: list[Any] = self.read(lambda session: session.exec(select(table)).all())
        return found

    def answers(self, submission: str) -> Any:
        """What its team may read."""
        return self.served.run(open_facts(self.served.house, submission)).answers

    def documents(self, submission: str) -> dict[str, bytes]:
        kept = [each for each in self.rows(Document) if each.submission_id == submission]
        return {each.name: self.served.run(open_document(self.served.house, each.id)) for each in kept}

    def visitor(self, **headers: str) -> Visitor:
        return Visitor(self.served.client(headers=headers))


def _furnish(tx: Tx) -> None:
    session = tx.session()
    for table in (
        SelfServiceUse,
        Closure,
        Post,
        BookingTry,
        Carried,
        Piece,
        Document,
        Submission,
        FormVersion,
        Form,
        Address,
        AddressList,
    ):
        session.exec(delete(table))
    centre = session.get_one(Centre, 1)
    centre.version += 1
    centre.address = "91 Granby Street, Leicester LE1 6FB"
    centre.languages = ["en", "gu", "pa", "ur", "ar", "pl"]
    centre.extra = {**centre.extra, "telephone": "0116 454 1000"}
    offered = (
        OfferedForm(STREET, service="council-tax", team="streets", keep_days=28),
        OfferedForm("feedback-on-your-visit", keep_days=14),
        OfferedForm("every-kind", service="housing", team="housing"),
    )
    offer(session, 1, offered, from_micros(tx.now))
    every = session.exec(select(Form).where(col(Form.slug) == "every-kind", col(Form.centre_id) == 1)).one()
    publish_text(session, every, EVERY.read_text(encoding="utf-8"), from_micros(tx.now))
    listed = AddressList(
        file_name="addresses.csv", digest="0" * 64, lines=3, made_at=from_micros(tx.now), current=True
    )
    session.add(listed)
    session.flush()
    assert listed.id is not None, "it has been written"
    for number, line in enumerate(
        ("1 New Walk, Leicester", "2 New Walk, Leicester", "Flat 3, 4 New Walk, Leicester")
    ):
        session.add(
            Address(list_id=listed.id, uprn=f"1000{number}", postcode="LE16TE", line=line, position=number)
        )
    tx.touch(1)


@contextmanager
def formed_house(database_url: str, **settings: Any) -> Iterator[Formed]:
    with serving(database_url, public_url=PUBLIC, **settings) as served:
        house = Formed(served, served.set_clock(TUESDAY))
        house.change(_furnish)
        yield house


@dataclass
class Visitor:
    """Fills in forms as a browser without scripts does."""

    client: httpx.Client
    page: httpx.Response | None = None
    seen: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        assert self.page is not None
        return unescape(self.page.text)

    @property
    def status(self) -> int:
        assert self.page is not None
        return self.page.status_code

    @property
    def path(self) -> str:
        assert self.page is not None
        return self.page.url.path

    @property
    def spot(self) -> str:
        """Of the page of a form."""
        return self.path.rpartition("/")[2]

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.DOTALL)
        return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""

    def go(self, path: str) -> Visitor:
        self.page = self.client.get(path, follow_redirects=True)
        self.seen.append(self.path)
        return self

    def post(self, path: str = "", files: Any = None, **fields: Any) -> httpx.Response:
        """This page's form with its token, not followed."""
        found = re.search(r'name="token" value="(\w+)"', self.text)
        data = {
            "token": found[1] if found else "",
            **{name.replace("__", "-"): value for name, value in fields.items()},
        }
        return self.client.post(
            path or self.path, data=data, files=files, headers={"sec-fetch-site": "same-origin"}
        )

    def send(self, path: str = "", files: Any = None, **fields: Any) -> Visitor:
        answer = self.post(path, files, **fields)
        if answer.is_redirect:
            return self.go(answer.headers["location"])
        self.page = answer
        return self

    def begin(self, slug: str) -> Visitor:
        return self.go(f"/forms/{slug}").send(f"/forms/{slug}", **dict(form_in(self.text, f"/forms/{slug}")))

    def answer(self, *typed: Any) -> Visitor:
        """This page and those after it, each with what `typed` holds for it."""
        for each in typed:
            fields = each if isinstance(each, dict) else {"answer": each}
            self.send(**fields)
        return self

    def wrong(self) -> list[str]:
        """The sentences of the error summary."""
        body = re.search(r"govuk-error-summary__body.*?</div>", self.text, re.DOTALL)
        return re.findall(r'<a href="#\w[\w-]*">([^<]*)</a>', body[0]) if body else []

    def reference(self) -> str:
        found = re.search(r"book-reference[^>]*>([A-Z0-9-]+)<", self.text)
        assert found is not None, self.text
        return found[1].replace("-", "")


def kept_of(house: Formed) -> str:
    """Everything that is written down of forms in progress, as whoever steals the database reads it."""
    carried = [(each.id, each.slug, each.body) for each in house.rows(Carried)]
    pieces = [(each.document_id, each.body) for each in house.rows(Piece)]
    return json.dumps([carried, pieces], default=repr)


def session_of(house: Formed, function: Any) -> Any:
    return house.read(lambda session: function(session))


__all__ = ["EVERY", "PUBLIC", "STREET", "Formed", "Session", "Visitor", "formed_house", "kept_of"]
