"""Looking at what a discreet visit is about, and the square a greeter shows: who may, what is written down, what is told to nobody."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from contextlib import closing

import cv2
import httpx
import numpy
import pytest
from sqlmodel import select

from server.actions.keys import hash_of
from server.store.tables import Audit, StaffRole, Visit
from tests.server.web.rehearsal import Served, serving, token_of
from wire import asks
from wire.vocabulary import Role, new_id

PUBLIC = "https://queue.test"


@pytest.fixture
def served(sqlite_url: str) -> Iterator[Served]:
    with serving(sqlite_url, public_url=PUBLIC) as running:
        yield running


def post(client: httpx.Client, path: str, **more: str) -> httpx.Response:
    return client.post(path, data={"csrf": token_of(client), **more})


def take_the_right(served: Served, username: str) -> None:
    """From now on this person may see a discreet visit only by serving it."""

    def take(tx):
        tx.session().delete(
            tx.session().get(StaffRole, (served.ids.staff[username], served.ids.centre, Role.DISCREET))
        )

    served.run(served.house.change(served.actor("ada"), "take", take))


def deeds(served: Served) -> list[tuple[str, str, int | None]]:
    def read(session):
        return [(each.what, each.about, each.staff_id) for each in session.exec(select(Audit))]

    return [each for each in served.run(served.house.read(read)) if "look" in each[0]]


def address_in(page: str) -> str:
    found = re.search(rf"{PUBLIC}/t/[\w-]+", page)
    assert found is not None, page
    return found.group()


def read_square(page: str) -> str:
    """What a camera reads in the page's SVG: its dark runs painted as pixels, decoded by OpenCV."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', page.split('class="square"', 1)[1]).group(1))
    pixels = numpy.full((side, side), 255, numpy.uint8)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1\.04h-\d+z", page):
        pixels[int(y), int(x) : int(x) + int(length)] = 0
    detector = cv2.QRCodeDetector()
    read = {detector.detectAndDecode(pixels.repeat(dots, 0).repeat(dots, 1))[0] for dots in (4, 6, 8, 10)} - {
        ""
    }
    assert len(read) == 1, read  # at some sizes OpenCV sees nothing, but never anything else
    return str(read.pop())


def test_only_who_serves_a_discreet_visit_sees_what_it_is_about_and_every_try_is_written_down(
    served: Served,
) -> None:
    take_the_right(served, "priya")
    ticket, code, _ = served.visitor("housing", discreet=True)
    served.ask(served.actor("grace"), asks.AddNote(ticket=ticket, note="Has a suitcase."))
    with closing(served.signed_in("grace")) as greeter, closing(served.signed_in("priya")) as adviser:
        refused = post(greeter, f"/floor/ticket/{ticket}/look")
        assert refused.status_code == 403
        assert "Your try was noted" in html.unescape(refused.text)
        assert "suitcase" not in refused.text
        assert "Somewhere to live" not in refused.text
        served.ask(served.actor("priya"), asks.SitDown(counter="desk-1", services=("housing",)))
        assert post(adviser, f"/floor/ticket/{ticket}/look").status_code == 403
        served.ask(served.actor("priya"), asks.CallNext())
        looked = post(adviser, f"/floor/ticket/{ticket}/look")
        assert looked.status_code == 200
        assert "suitcase" in looked.text
        assert "Somewhere to live" in looked.text
    grace, priya = served.ids.staff["grace"], served.ids.staff["priya"]
    assert deeds(served) == [
        ("was refused a look", code, grace),
        ("was refused a look", code, priya),
        ("looked at a discreet visit", code, priya),
    ]


def test_a_look_from_another_centre_finds_no_such_ticket_and_leaves_no_entry(served: Served) -> None:
    ticket, _, _ = served.visitor("private", discreet=True)
    with closing(served.signed_in("olga")) as client:
        assert post(client, f"/floor/ticket/{ticket}/look").status_code == 404
        assert post(client, f"/floor/ticket/{ticket}/qr").status_code == 404
    assert deeds(served) == []


def test_a_look_without_the_forms_token_is_none(served: Served) -> None:
    ticket, _, _ = served.visitor("private", discreet=True)
    with closing(served.signed_in("grace")) as client:
        assert client.post(f"/floor/ticket/{ticket}/look").status_code == 403
        assert client.get(f"/floor/ticket/{ticket}/look").status_code == 405
    assert deeds(served) == []


def test_the_square_a_greeter_shows_opens_the_visitors_page_until_the_next_or_the_end(served: Served) -> None:
    ticket, code, paper = served.visitor()
    with closing(served.signed_in("grace")) as greeter, closing(served.client()) as phone:
        shown = post(greeter, f"/floor/ticket/{ticket}/qr")
        assert shown.status_code == 200
        assert shown.headers["cache-control"] == "no-store"
        first = address_in(shown.text)
        assert read_square(shown.text) == first
        assert code in phone.get(first.removeprefix(PUBLIC)).text
        assert code in phone.get(f"/t/{paper}").text
        again = address_in(post(greeter, f"/floor/ticket/{ticket}/qr").text)
        assert again != first
        served.run(served.house.change(served.actor("grace"), "nothing", lambda tx: None))
        served.app.state.identity.forget()
        assert code not in phone.get(first.removeprefix(PUBLIC)).text
        assert code in phone.get(again.removeprefix(PUBLIC)).text
        served.ask(served.actor("grace"), asks.Cancel(ticket=ticket))
        served.app.state.identity.forget()
        assert code not in phone.get(again.removeprefix(PUBLIC)).text
        assert post(greeter, f"/floor/ticket/{ticket}/qr").status_code == 409


def test_a_square_is_kept_as_its_hash_only_and_told_to_no_log(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = served.ask(
        served.actor("grace"),
        asks.Welcome(visit=new_id(), ticket=new_id(), service="housing", discreet=True, apart="HG-77"),
    )
    with closing(served.signed_in("grace")) as greeter:
        secret = address_in(post(greeter, f"/floor/ticket/{answer.result['ticket']}/qr").text).rpartition(
            "/"
        )[2]

    def read(session):
        visit = session.get_one(Visit, answer.result["visit"])
        audits = "".join(repr(each) for each in session.exec(select(Audit)))
        return visit.shown_hash, audits

    kept, audits = served.run(served.house.read(read))
    assert kept == hash_of(secret)
    assert secret not in audits
    assert "HG-77" not in audits
    told = caplog.text.replace(f"/floor/ticket/{answer.result['ticket']}", "")
    for word in (secret, kept, "HG-77", "housing"):
        assert word not in told


def test_without_an_address_for_phones_no_square_is_shown(sqlite_url: str) -> None:
    with serving(sqlite_url) as served, closing(served.signed_in("grace")) as greeter:
        ticket, _, _ = served.visitor()
        refused = post(greeter, f"/floor/ticket/{ticket}/qr")
        assert refused.status_code == 409
        assert "Print the ticket instead" in refused.text
