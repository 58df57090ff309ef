"""Forms on the web against whoever means harm or presses twice: too much at once, addresses read out, secrets in logs, the same thing at the same moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from forms.carrying import Begun, BegunFile, id_of, new_secret, seal
from server.actions import carrying, tries
from server.actions.carrying import BODY, document_of
from server.store.tables import BookingTry, Carried, Form, Piece, SelfServiceUse
from server.web.public.forms import moving, uploads
from tests.server.web.booked_house import copied
from tests.server.web.formed_house import STREET, Formed, formed_house
from tests.server.web.forms import form_in
from tests.server.web.rehearsal import TOKENS
from tests.server.web.test_carry_on import BEGUN, QUERY, carried
from tests.server.web.test_forms_web import photo, to_pictures
from wire.vocabulary import DeviceKind


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formed]:
    with formed_house(copied(sqlite_template, tmp_path_factory)) as running:
        yield running


@pytest.fixture
def house(one_house: Formed) -> Formed:
    return one_house.afresh()


@pytest.fixture
def kiosk(house: Formed) -> Iterator[httpx.Client]:
    with house.served.client(headers={"authorization": f"Bearer {TOKENS[DeviceKind.KIOSK]}"}) as client:
        yield client


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_page_without_photographs_takes_no_megabytes(house: Formed, kind: str, declared: bool) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n' + b"a" * 400_000 + b"\r\n"
    parts = [part % number for number in range(3)] if "multi" in kind else [b"answer=", *[b"a" * 400_000] * 3]
    visitor = house.visitor().begin(STREET)
    for path in (f"/forms/{STREET}", visitor.path):
        body = b"".join(parts) if declared else iter(parts)
        answer = visitor.client.post(path, content=body, headers={"content-type": kind})
        assert answer.status_code == 413
        assert "This is too much at once" in answer.text


def test_nobody_reads_the_list_of_addresses_out(house: Formed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tries.LIMITS, "look_up", tries.Limit(60, 3, 2))

    def found(count: int) -> list[bool]:
        visitor = house.visitor().begin("every-kind")
        visitor.answer({"answer-last": "K"}, {"answer-day": "1", "answer-month": "1", "answer-year": "1980"})
        seen = []
        for _ in range(count):
            visitor.send(do="look").send(do="find", mode="find", **{"answer-postcode": "LE1 6TE"})
            seen.append("New Walk" in visitor.text)
        visitor.answer({"answer-line_1": "7 London Road", "answer-postcode": "LE1 6TE", "mode": "type"})
        assert visitor.spot == "own", "it can be typed all the same"
        return seen

    assert found(3) == [True, True, False], "in one form"
    assert found(2) == [True, False], "from one address"
    assert not [each for each in house.rows(BookingTry) if "LE1" in repr(each)]


def test_the_same_photograph_sent_twice_at_once_is_no_fault(house: Formed) -> None:
    visitor = to_pictures(house)

    def add(_: int) -> int:
        return visitor.post(files=[("files", ("a.jpg", photo(), "image/jpeg"))], do="upload").status_code

    with ThreadPoolExecutor(3) as presses:
        assert set(presses.map(add, range(3))) == {303}
    visitor.go(visitor.path)
    assert visitor.text.count("<img") == 1
    assert visitor.client.get("/forms/every-kind/file/photo-1.jpg").headers["content-type"] == "image/jpeg"


def test_photographs_of_all_pages_together_are_bounded(
    house: Formed, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = to_pictures(house)
    one = [("files", ("a.jpg", photo(), "image/jpeg"))]
    visitor.send(files=one, do="upload")
    size = len(visitor.client.get("/forms/every-kind/file/photo-1.jpg").content)
    monkeypatch.setattr(uploads, "MOST_ALTOGETHER", 2 * size - 1)
    visitor.send(files=one, do="upload")
    assert visitor.text.count("<img") == 1
    assert "There are enough photos" in visitor.wrong()[0]


def test_back_from_the_first_page_leads_on_again(house: Formed) -> None:
    visitor = house.visitor().begin("every-kind").answer({"answer-last": "Khan"})
    visitor.go("/forms/every-kind/fill/who").send(do="back", **{"answer-last": "Khan"})
    assert visitor.path == "/forms/every-kind"
    assert 'href="/forms/every-kind/fill/born"' in visitor.text
    assert "Begin again" in visitor.text
    assert "/fill/" not in visitor.go("/forms/every-kind").text, "another person is not led into it"


LONG = Begun("every-kind", 1, "ur", files={"photo-1.jpg": BegunFile("image/jpeg", b"\xff" * 700_000)})


@pytest.mark.parametrize("begun", [BEGUN, LONG], ids=["in-its-row", "in-pieces"])
def test_three_phones_and_a_kiosk_at_the_same_moment_and_one_has_it(
    house: Formed, kiosk: httpx.Client, begun: Begun
) -> None:
    secret = carried(kiosk, begun)
    phones = [house.visitor().client for _ in range(3)]

    def take(hand: httpx.Client) -> int:
        path = f"/api/carried/{id_of(secret)}/open" if hand is kiosk else f"/carry-on/{secret}"
        return hand.post(path).status_code

    with ThreadPoolExecutor(4) as hands:
        codes = list(hands.map(take, [*phones, kiosk]))
    assert len([code for code in codes if code < 400]) == 1, codes
    assert set(codes[:3]) <= {303, 410}, "who was slower is told that it was opened"
    assert codes[3] in (200, 404, 409)
    assert not [each for each in house.rows(Piece) if each.document_id == document_of(id_of(secret), BODY)]
    assert len([each for each in house.rows(Carried) if each.kind == "web"]) == (codes[3] != 200)
    assert house.rows(SelfServiceUse) == [], "nobody has left a form yet"


def test_a_form_that_broke_off_on_its_way_is_laid_down_when_it_is_sent_again(
    house: Formed, kiosk: httpx.Client
) -> None:
    secret = new_secret()
    name = id_of(secret)
    half = partial(carrying.add_piece, document=document_of(name, BODY), number=0, body=b"half")
    house.change(half)
    sealed = seal(LONG, secret)
    assert kiosk.put(f"/api/carried/{name}", params=QUERY, content=sealed).status_code == 200
    assert kiosk.post(f"/api/carried/{name}/open").content == sealed
    assert [each.id for each in house.rows(Carried)] == [name]


HUGE = "9" * 30


def test_numbers_no_database_takes_are_no_fault(house: Formed, kiosk: httpx.Client) -> None:
    staff = house.served.signed_in("ada")
    assert staff.get(f"/admin/forms/{HUGE}").status_code == 404
    token = dict(form_in(staff.get("/admin/forms").text, "/admin/forms"))
    answer = staff.post("/admin/forms", data={**token, "slug": "new-one", "begins": f"form:{HUGE}"})
    assert answer.status_code == 404
    assert kiosk.get(f"/api/forms/{STREET}/{HUGE}").status_code == 404
    path = f"/api/carried/{id_of(new_secret())}"
    assert kiosk.put(path, params={**QUERY, "version": HUGE}, content=b"x").status_code == 422


def test_a_form_another_has_just_retired_is_not_moved(house: Formed) -> None:
    staff = house.served.signed_in("ada")
    row = next(each for each in house.rows(Form) if each.slug == STREET)
    path = f"/admin/forms/{row.id}/offer"
    token = dict(form_in(staff.get("/admin/forms").text, path))
    assert staff.post(path, data={**token, "do": "retire"}).status_code == 303
    answer = staff.post(path, data={**token, "do": "down"})
    assert (answer.status_code, "Bring it back first" in answer.text) == (409, True)


def test_a_log_of_faults_opens_nobodys_form(
    house: Formed, kiosk: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = carried(kiosk)

    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(moving, "_found", broken)
    with caplog.at_level(logging.ERROR):
        assert house.visitor().client.get(f"/carry-on/{secret}").status_code == 500
    assert "/carry-on/{secret} failed" in caplog.text
    assert secret not in caplog.text
    with pytest.raises(SQLAlchemyError) as fault:
        house.read(lambda session: session.execute(text("SELECT :said FROM nowhere"), {"said": "Amina"}))
    assert "Amina" not in str(fault.value)
