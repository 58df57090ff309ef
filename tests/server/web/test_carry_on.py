"""A begun form on its way: from a kiosk to a phone, once and within minutes; from the web to a kiosk, under a reference; and what nobody may do with either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from forms.carrying import Begun, BegunFile, id_of, new_secret, seal, secret_of, unseal
from forms.versions import digest_of
from server.actions import carrying, tries
from server.actions.keys import hash_of
from server.live.floor import FloorReader
from server.live.views import kiosk as kiosk_view
from server.store.tables import BookingTry, Carried, Closure, Piece, Submission
from tests.server.web.booked_house import TUESDAY, copied
from tests.server.web.formed_house import PUBLIC, STREET, Formed, Visitor, formed_house, kept_of
from tests.server.web.rehearsal import TOKENS
from tests.server.web.test_forms_web import photo, to_check, to_pictures
from wire.vocabulary import DeviceKind

BEGUN = Begun(
    slug="every-kind",
    version=1,
    language="ur",
    answers={"who": {"first": "Amina", "last": "Khan"}, "pictures": ["photo-1.jpg"]},
    files={"photo-1.jpg": BegunFile("image/jpeg", photo())},
    typed={"born": {"day": "31", "month": "2", "year": "1980"}},
    at="born",
    seconds=90,
)
QUERY = {"slug": "every-kind", "version": "1", "language": "ur"}


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


def carried(kiosk: httpx.Client, begun: Begun = BEGUN) -> str:
    """The secret in the kiosk's QR."""
    secret = new_secret()
    answer = kiosk.put(f"/api/carried/{id_of(secret)}", params=QUERY, content=seal(begun, secret))
    assert (answer.status_code, answer.json()) == (200, {"state": "waiting"})
    return secret


def state(kiosk: httpx.Client, secret: str) -> str:
    found: str = kiosk.get(f"/api/carried/{id_of(secret)}").json()["state"]
    return found


def test_a_form_goes_on_on_the_phone_and_the_kiosk_is_told(house: Formed, kiosk: httpx.Client) -> None:
    secret = carried(kiosk)
    assert "Amina" not in kept_of(house)
    phone = house.visitor().go(f"/carry-on/{secret}")
    assert 'lang="ur"' in phone.text, "in the language it was begun in"
    assert state(kiosk, secret) == "waiting", "looking is not opening: telephones look by themselves"
    phone.send()
    assert state(kiosk, secret) == "opened"
    assert phone.spot == "born"
    assert 'value="31"' in phone.text, "also what was not right yet"
    assert phone.client.get("/forms/every-kind/file/photo-1.jpg").content == BEGUN.files["photo-1.jpg"].body
    assert "Amina" in phone.go("/forms/every-kind/fill/who").text
    second = house.visitor().go(f"/carry-on/{secret}?lang=en")
    assert (second.status, second.heading) == (410, "This was opened already")
    gone = house.read(lambda session: carrying.held(session, id_of(secret)))
    assert gone.body == b""


def test_two_phones_at_once_and_only_one_has_it(house: Formed, kiosk: httpx.Client) -> None:
    secret = carried(kiosk)
    one, other = (house.visitor().go(f"/carry-on/{secret}") for _ in "ab")
    one.send()
    other.send()
    assert one.spot == "born"
    assert other.page is not None
    assert other.status == 410
    assert len([each for each in house.rows(Carried) if each.kind == "web"]) == 1


def test_too_late_unknown_and_taken_back_are_each_said_so(house: Formed, kiosk: httpx.Client) -> None:
    secret, back = carried(kiosk), carried(kiosk)
    assert kiosk.delete(f"/api/carried/{id_of(back)}").json() == {"state": "over"}
    assert house.visitor().go(f"/carry-on/{back}").heading == "This square does not work"
    house.clock.turn(timedelta(minutes=10, seconds=1))
    assert state(kiosk, secret) == "over"
    assert house.visitor().go(f"/carry-on/{secret}").heading == "This is too late"
    assert house.visitor().go(f"/carry-on/{new_secret()}").heading == "This square does not work"
    house.change(lambda tx: carrying.sweep(tx))
    assert [each.body for each in house.rows(Carried)] == [None]


def test_a_long_one_lies_in_pieces_and_is_given_out_whole(house: Formed, kiosk: httpx.Client) -> None:
    body = b"\xff\xd8" + bytes(range(256)) * 12_000
    secret = carried(
        kiosk, Begun("every-kind", 1, "ur", files={"photo-1.jpg": BegunFile("image/jpeg", body)})
    )
    assert len(house.rows(Piece)) == 3
    opened = kiosk.post(f"/api/carried/{id_of(secret)}/open")
    assert unseal(opened.content, secret).files["photo-1.jpg"].body == body
    assert house.rows(Piece) == []


def test_what_is_carried_is_for_devices_of_this_centre_with_a_form_of_ours(
    house: Formed, kiosk: httpx.Client
) -> None:
    secret = new_secret()
    where, sealed = f"/api/carried/{id_of(secret)}", seal(BEGUN, secret)
    assert house.served.client().put(where, params=QUERY, content=sealed).status_code in (401, 403)
    display = house.served.client(headers={"authorization": f"Bearer {TOKENS[DeviceKind.DISPLAY]}"})
    assert display.put(where, params=QUERY, content=sealed).status_code == 403
    assert kiosk.put(where, params={**QUERY, "version": "9"}, content=sealed).status_code == 404
    assert kiosk.put(where, params={"slug": "x"}, content=sealed).status_code == 422
    assert kiosk.put("/api/carried/nonsense", params=QUERY, content=sealed).status_code == 404
    assert kiosk.put(where, params=QUERY, content=b"0" * (12 * 1024 * 1024 + 1)).status_code == 413
    assert house.rows(Carried) == []


def test_a_form_for_which_a_person_is_needed_comes_along_under_a_reference(
    house: Formed, kiosk: httpx.Client
) -> None:
    visitor = to_pictures(house)
    visitor.send(files=[("files", ("a.jpg", photo(), "image/jpeg"))], do="upload")
    visitor.send(do="person")
    assert visitor.heading == "Somebody will help you"
    assert "0116 454 1000" in visitor.text
    visitor.send()
    reference = visitor.reference()
    assert "Kept until the end of Tuesday 24 November." in visitor.text
    assert "Amina" not in kept_of(house)
    assert reference not in kept_of(house), "and the house does not know the reference either"
    secret = secret_of(reference, PUBLIC)
    opened = kiosk.post(f"/api/carried/{id_of(secret)}/open")
    assert opened.headers["foyer-slug"] == "every-kind"
    begun = unseal(opened.content, secret)
    assert begun.answers["who"] == {"first": "Amina", "last": "Khan"}
    assert list(begun.files) == ["photo-1.jpg"]
    assert kiosk.post(f"/api/carried/{id_of(secret)}/open").status_code == 200, (
        "a screen that went dark is no end"
    )
    visitor.go("/forms/every-kind/fill/more").answer("Changed my mind").go("/forms/every-kind/person").send()
    assert visitor.reference() == reference, "kept again under the same"
    again = unseal(kiosk.post(f"/api/carried/{id_of(secret)}/open").content, secret)
    assert again.answers["more"] == "Changed my mind"
    house.clock.turn(timedelta(hours=17))
    assert kiosk.post(f"/api/carried/{id_of(secret)}/open").status_code == 404
    assert house.rows(Submission) == []


def test_on_a_day_the_centre_is_closed_it_is_kept_for_the_next_it_opens(house: Formed) -> None:
    today = TUESDAY.date()
    house.change(
        lambda tx: tx.session().add(
            Closure(centre_id=1, first_on=today, last_on=today, reason={"en": "Flood"})
        )
    )
    visitor = house.visitor().begin("every-kind").send(do="person").send()
    assert "Wednesday 25 November" in visitor.text


def test_who_sends_it_after_all_leaves_nothing_behind_under_the_reference(
    house: Formed, kiosk: httpx.Client
) -> None:
    visitor = to_check(house).send(do="person").send()
    reference = visitor.reference()
    visitor.go("/forms/every-kind/check").send()
    assert visitor.spot == "done"
    assert kiosk.post(f"/api/carried/{id_of(secret_of(reference, PUBLIC))}/open").status_code == 404


def test_what_is_noted_of_a_try_does_not_lead_to_the_reference(house: Formed) -> None:
    house.visitor().go("/carry-on/BBBBBBBB")
    noted = [each.subject for each in house.rows(BookingTry)]
    assert noted
    assert hash_of("carry_on:BBBBBBBB") not in noted, "24 signs in seven places are walked through in minutes"


def test_references_are_not_guessed(house: Formed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tries.LIMITS, "carry_on", tries.Limit(15, 2))
    visitor = house.visitor()
    found = [visitor.go("/carry-on/BBBBBBBB").status for _ in range(3)]
    assert found == [404, 404, 429]


def test_a_kiosk_reads_which_forms_there_are_and_their_text(house: Formed, kiosk: httpx.Client) -> None:
    floor = FloorReader(house.served.house.database, PUBLIC).read(1, house.clock.micros())
    rows = {key: row for key, row in kiosk_view.rows(floor, "").items() if key.startswith("form:")}
    row = rows[f"form:{STREET}"]
    text = kiosk.get(f"/api/forms/{STREET}/{row['version']}")
    assert digest_of(text.text) == row["digest"]
    assert (row["names"]["en"], row["service"], row["minutes"]) == (
        "Report a problem in a street",
        "council-tax",
        4,
    )
    assert "pothole" in row["synonyms"]
    assert kiosk.get(f"/api/forms/{STREET}/2").status_code == 404
    assert kiosk.get(f"/api/forms/{STREET}/0").status_code == 404, "a draft is nobody's"


def test_carrying_leaves_the_form_of_a_visitor_who_was_here_before(
    house: Formed, kiosk: httpx.Client
) -> None:
    phone = Visitor(house.served.client()).begin("every-kind").answer({"answer-last": "Before"})
    phone.go(f"/carry-on/{carried(kiosk)}").send()
    assert "Khan" in phone.go("/forms/every-kind/fill/who").text
