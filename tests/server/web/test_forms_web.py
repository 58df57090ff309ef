"""Forms as a browser without scripts meets them: the whole way, every way back, bad input, files, exactly once, limits, and what the house can read meanwhile."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from server.actions import carrying, tries
from server.store.tables import Carried, Piece, Post, SelfServiceUse, Submission
from server.store.tx import Tx
from tests.server.web.booked_house import copied
from tests.server.web.formed_house import STREET, Formed, Visitor, formed_house, kept_of

ADDRESS = {"answer-line_1": "7 London Road", "answer-postcode": "le1 6te", "mode": "type"}


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formed]:
    with formed_house(copied(sqlite_template, tmp_path_factory)) as running:
        yield running


@pytest.fixture
def house(one_house: Formed) -> Formed:
    return one_house.afresh()


def photo(turned: int = 1, size: tuple[int, int] = (400, 200)) -> bytes:
    """A picture with its left half dark, and in its EXIF how it was held and where."""
    image = Image.new("RGB", size, "white")
    image.paste("black", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010E] = "52.6369 N, 1.1398 W"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


def to_pictures(house: Formed) -> Visitor:
    """Every page up to that of photographs."""
    visitor = house.visitor().begin("every-kind")
    visitor.answer(
        {"answer-first": "Amina", "answer-last": "Khan"},
        {"answer-day": "27", "answer-month": "3", "answer-year": "1980"},
        ADDRESS,
        "rent",
        "£650.50",
        {"answer": ["pension", "wages"]},
        "Yusuf",
        "100",
        {},
        "0",
        {},
        "1234 5678",
        "07700 900123",
        "amina@example.org",
        "Please ring after six.",
    )
    assert visitor.spot == "pictures", (visitor.seen, visitor.wrong())
    return visitor


def to_check(house: Formed) -> Visitor:
    visitor = to_pictures(house)
    visitor.answer({}, "yes", {"written": "Amina Khan"}, "yes")
    if visitor.spot == "receipt":
        visitor.send(way="none")
    assert visitor.spot == "check", (visitor.seen, visitor.wrong())
    return visitor


def test_from_the_list_to_the_reference(house: Formed) -> None:
    visitor = house.visitor().go("/forms")
    assert "Every kind of question" in visitor.text
    visitor = to_pictures(house)
    visitor.send(files=[("files", ("x.jpg", photo(turned=6), "image/jpeg"))], do="upload")
    assert visitor.spot == "pictures"
    picture = visitor.client.get("/forms/every-kind/file/photo-1.jpg")
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.size == (200, 400), "it stands as the telephone was held"
        assert not dict(image.getexif()), "and says no more than what is to be seen"
    visitor.answer({}, "yes", {"written": "Amina Khan"}, "yes")
    assert visitor.spot == "check"
    for said in (
        "Amina Khan",
        "27 March 1980",
        "7 London Road",
        "LE1 6TE",
        "I rent",
        "£650.50",
        "A pension",
        "Yusuf",
        "12345678",
        "07700 900123",
        "£750.50",
    ):
        assert said in visitor.text, said
    assert house.rows(Submission) == [], "nothing was sent yet"
    assert "Amina" not in kept_of(house), "and nothing can be read of it"
    visitor.send()
    assert (visitor.spot, visitor.heading) == ("done", "Sent. Thank you")
    (submission,) = house.rows(Submission)
    assert submission.reference == visitor.reference()
    assert (submission.kind, submission.what, submission.version, submission.team) == (
        "form",
        "every-kind",
        1,
        "housing",
    )
    answers = house.answers(submission.id)
    assert answers["who"] == {"first": "Amina", "last": "Khan"}
    assert (answers["rent"], answers["people"]) == (65050, [{"called": "Yusuf", "pays": 10000}])
    assert set(house.documents(submission.id)) == {"photo-1.jpg", "signature-2.png"}
    (carried,) = house.rows(Carried)
    assert len(carried.body) < 500, "what was filled in is wiped, and so are its files"
    assert not [each for each in house.rows(Piece) if each.document_id.startswith(carried.id[:28])]


def test_it_is_sent_once_however_often_the_button_is_pressed(house: Formed) -> None:
    visitor = to_check(house)
    answers = []
    twins = [threading.Thread(target=lambda: answers.append(visitor.post())) for _ in "abc"]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    wheres = {answer.headers["location"] for answer in answers}
    assert wheres <= {"/forms/every-kind/done", "/forms/every-kind/fill"}, wheres
    assert visitor.post().headers["location"] == "/forms/every-kind/done"
    assert len(house.rows(Submission)) == 1
    assert visitor.go("/forms/every-kind/fill/who").spot == "done", (
        "back shows what was sent, not an open form"
    )
    assert visitor.go("/forms/every-kind/check").spot == "done"


def test_a_server_that_stopped_between_taking_it_and_saying_so_takes_it_once(house: Formed) -> None:
    visitor = to_check(house)
    (begun,) = house.rows(Carried)
    kept = (begun.body, begun.became)
    files = [(each.document_id, each.number, each.body, each.at) for each in house.rows(Piece)]
    visitor.send()
    reference = visitor.reference()

    def as_before(tx: Tx) -> None:
        row = tx.session().get_one(Carried, begun.id)
        row.body, row.became = kept
        for document, number, body, at in files:
            tx.session().add(Piece(document_id=document, number=number, body=body, at=at))

    house.change(as_before)
    assert visitor.go("/forms/every-kind/check").send().reference() == reference
    house.change(as_before)
    visitor.go("/forms/every-kind/fill/own").answer("own")
    assert visitor.send().reference() == reference, "changed since: what was sent first, counts"
    assert len(house.rows(Submission)) == 1


def test_back_and_change_lose_no_word(house: Formed) -> None:
    visitor = house.visitor().begin("every-kind").answer({"answer-first": "Amina", "answer-last": "Khan"})
    visitor.send(do="back", **{"answer-day": "3", "answer-month": "Mai"})
    assert visitor.spot == "who"
    assert 'value="Amina"' in visitor.text
    visitor.answer({"answer-first": "Amina", "answer-last": "Begum"})
    assert 'value="Mai"' in visitor.text, "what was not right yet is kept too"
    assert visitor.wrong() == [], "and nobody is told off for what they have not sent"
    visitor.send(lang="ur", **{"answer-day": "3", "answer-month": "5", "answer-year": "1980"})
    assert 'dir="rtl"' in visitor.text
    assert 'value="1980"' in visitor.text
    visitor = to_check(house)
    visitor.go("/forms/every-kind/fill/own").answer("own")
    assert visitor.spot == "check", "one comes straight back"
    assert "£650.50" not in visitor.text, "what is asked no more is not sent"
    visitor.go("/forms/every-kind/fill/own").answer("rent")
    assert "£650.50" in visitor.text, "and is there when it is asked again"


def test_a_changed_answer_asks_what_it_asks_anew(house: Formed) -> None:
    visitor = house.visitor().begin("every-kind")
    visitor.answer(
        {"answer-last": "Khan"},
        {"answer-day": "27", "answer-month": "3", "answer-year": "1980"},
        ADDRESS,
        "own",
        {"answer": []},
    )
    assert visitor.spot == "people.0.called"
    assert visitor.go("/forms/every-kind/check").spot == "people.0.called", (
        "nobody checks what is not answered"
    )
    visitor.answer("Yusuf", "1", {}, "0", {}, "", "", "", "", {}, "no", {"written": "K"}, "yes")
    if visitor.spot == "receipt":
        visitor.send(way="none")
    assert visitor.spot == "check"
    visitor.go("/forms/every-kind/fill/own").answer("rent")
    assert visitor.spot == "rent"
    visitor.answer("20")
    assert visitor.spot == "check"


def test_several_people_are_added_changed_and_taken_away(house: Formed) -> None:
    visitor = house.visitor().begin("every-kind")
    visitor.answer(
        {"answer-last": "Khan"},
        {"answer-day": "27", "answer-month": "3", "answer-year": "1980"},
        ADDRESS,
        "own",
        {},
        "Yusuf",
        "10",
    )
    assert visitor.spot == "people"
    visitor.send(do="add").answer("Sara", "20").send(do="add").answer("Omar", "30")
    assert "You can add at most 3." in visitor.text
    visitor.send(do="add")
    assert visitor.spot == "children", "a fourth is not to be had"
    visitor.go("/forms/every-kind/fill/people").send(do="remove:1")
    assert "Sara" not in visitor.text
    assert "Omar" in visitor.text
    visitor.go("/forms/every-kind/fill/people.1.pays")
    assert 'value="30.00"' in visitor.text
    visitor.go("/forms/every-kind/fill/people").send(do="add")
    assert visitor.spot == "people.2.called"
    visitor.go("/forms/every-kind/fill/people").send()
    assert visitor.spot == "people.2.called", "one that is empty is asked for before it goes on"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"answer-day": "31", "answer-month": "2", "answer-year": "2026"}, "28"),
        ({"answer-day": "1", "answer-month": "1", "answer-year": "2031"}, ""),
        ({"answer-day": "", "answer-month": "", "answer-year": ""}, ""),
        ({"answer": "yesterday"}, ""),
    ],
)
def test_a_date_that_is_none_is_said_so_and_kept(house: Formed, typed: dict[str, str], said: str) -> None:
    visitor = house.visitor().begin("every-kind").answer({"answer-last": "Khan"})
    visitor.send(**typed)
    assert visitor.spot == "born"
    (sentence,) = visitor.wrong()
    assert said in sentence
    assert "<title>Error: When were you born?</title>" in visitor.text
    if "answer-day" in typed:
        assert f'value="{typed["answer-day"]}"' in visitor.text


def test_ten_thousand_letters_are_kept_to_be_cut_by_whoever_wrote_them(house: Formed) -> None:
    visitor = to_pictures(house).go("/forms/every-kind/fill/more")
    long = "ü" * 10_000
    visitor.answer(long)
    assert visitor.spot == "more"
    assert "Letters too many: 8000" in visitor.wrong()[0].replace(",", "")
    assert long in visitor.text
    assert visitor.send(answer="x" * 600_000).page is not None
    assert visitor.page is not None
    assert visitor.status < 500


def test_an_address_is_found_by_its_postcode_or_typed(house: Formed) -> None:
    visitor = (
        house.visitor()
        .begin("every-kind")
        .answer({"answer-last": "K"}, {"answer-day": "1", "answer-month": "1", "answer-year": "1980"})
    )
    visitor.send(mode="find", **{"answer-postcode": "LE1"})
    assert "not a whole postcode" in visitor.text
    visitor.send(do="find", mode="find", **{"answer-postcode": "le1 6te"})
    assert "Flat 3, 4 New Walk, Leicester" in visitor.text
    visitor.send(mode="pick")
    assert visitor.spot == "home", "nothing was picked"
    visitor.send(mode="pick", pick="10002")
    assert visitor.spot == "own"
    visitor.go("/forms/every-kind/fill/home")
    assert 'value="Flat 3"' in visitor.text
    visitor.send(do="look", mode="type").send(do="find", **{"answer-postcode": "LE2 0AA"})
    assert "We found no address with this postcode" in visitor.text
    visitor.answer({**ADDRESS, "answer-line_1": "A tent, by the river"})
    assert visitor.spot == "own"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"%PDF-1.7 this is not one", "cannot be opened"),
        (b"\xff\xd8\xff\xe0 neither is this", "cannot be opened"),
        (b"<html><script>alert(1)</script>", "not a picture or a PDF"),
        (photo() + b"%PDF-1.4\n%%EOF", "cannot be opened"),
        (b"\xff\xd8" + b"0" * (10 * 1024 * 1024 + 1), "too large"),
    ],
    ids=["pdf", "jpeg", "html", "two-things", "large"],
)
def test_a_file_that_is_not_what_it_says_is_refused_and_the_form_stays(
    house: Formed, body: bytes, said: str
) -> None:
    visitor = to_pictures(house)
    visitor.send(files=[("files", ("letter.pdf", body, "application/pdf"))])
    assert visitor.spot == "pictures"
    assert said in visitor.wrong()[0]
    visitor.go("/forms/every-kind/fill/pictures").send()
    assert visitor.spot == "sure", "one can do without"


def test_photographs_are_added_taken_away_and_no_more_than_are_asked_for(house: Formed) -> None:
    visitor = to_pictures(house)
    visitor.send(files=[("files", (f"{n}.jpg", photo(), "image/jpeg")) for n in range(3)], do="upload")
    assert visitor.text.count("<img") == 2
    assert "There are enough photos" in visitor.wrong()[0]
    visitor.send(do="remove:photo-1.jpg")
    assert visitor.text.count("<img") == 1
    assert visitor.client.get("/forms/every-kind/file/photo-1.jpg").status_code == 404
    stranger = house.visitor().begin("every-kind")
    assert stranger.client.get("/forms/every-kind/file/photo-2.jpg").status_code == 404


def test_the_next_person_at_a_librarys_computer_finds_nothing(house: Formed) -> None:
    visitor = to_pictures(house)
    assert "Amina" not in visitor.go("/forms/every-kind").text
    visitor.begin("every-kind")
    assert "Amina" not in visitor.text
    assert len(house.rows(Carried)) == 1, "the form before is thrown away"


def test_a_form_left_for_an_hour_is_thrown_away_with_its_files(house: Formed) -> None:
    visitor = to_pictures(house)
    visitor.send(files=[("files", ("a.jpg", photo(), "image/jpeg"))], do="upload")
    house.clock.turn(timedelta(minutes=61))
    visitor.go("/forms/every-kind/fill/more")
    assert visitor.heading == "This form is not open any more"
    house.change(lambda tx: carrying.sweep(tx))
    assert house.rows(Piece) == []
    assert [each.body for each in house.rows(Carried)] == [None]


def test_stopping_throws_everything_away(house: Formed) -> None:
    visitor = to_pictures(house)
    assert 'href="/forms/every-kind/stop"' in visitor.text
    visitor.go("/forms/every-kind/stop")
    assert visitor.heading == "Stop, and throw my answers away"
    assert len(house.rows(Carried)) == 1, "asked once more: a finger slips easily"
    assert 'href="/forms/every-kind/fill/pictures"' in visitor.text
    visitor.send()
    assert visitor.heading == "Your answers are gone"
    assert house.rows(Carried) == []


def test_every_use_is_counted_once_by_how_it_ended_and_says_nobody(house: Formed) -> None:
    to_check(house).send()
    to_pictures(house).send("/forms/every-kind/stop")
    house.visitor().begin(STREET)
    house.visitor().begin(STREET).send(do="person").send()
    house.clock.turn(timedelta(minutes=61))
    house.change(lambda tx: carrying.sweep(tx))
    house.change(lambda tx: carrying.sweep(tx))
    told = sorted((each.slug, each.ended, each.channel) for each in house.rows(SelfServiceUse))
    assert told == [
        ("every-kind", "cancelled", "web"),
        ("every-kind", "done", "web"),
        (STREET, "left", "web"),
        (STREET, "person", "web"),
    ]


def test_a_receipt_goes_where_it_is_wished_and_nowhere_else(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_from": "centre@example.org"}
    with formed_house(copied(sqlite_template, tmp_path_factory), **mail) as house:
        visitor = to_pictures(house).answer({}, "yes", {"written": "Amina"}, "yes")
        assert visitor.spot == "receipt"
        assert "By text" not in visitor.text, "this house can send e-mail only"
        assert 'value="amina@example.org"' in visitor.text, "what was answered stands there"
        visitor.send()
        assert visitor.wrong() == ["Choose one of these answers"]
        visitor.send(way="email", email="amina@")
        assert len(visitor.wrong()) == 1
        assert 'value="amina@"' in visitor.text
        visitor.send(way="email", email="amina@example.com")
        assert visitor.spot == "check"
        assert "amina@example.com" in visitor.text
        visitor.send()
        assert "We are sending a receipt by e-mail." in visitor.text
        (letter,) = house.rows(Post)
        assert (letter.letter, letter.address) == ("receipt", "amina@example.com")
        none = to_pictures(house).answer({}, "yes", {"written": "Amina"}, "yes")
        none.send(way="none").send()
        assert none.spot == "done"
        assert len(house.rows(Post)) == 1, "an address in a form is no wish to be written to"


def test_a_form_of_another_site_or_window_changes_nothing(house: Formed) -> None:
    visitor = house.visitor().begin("every-kind")
    answer = visitor.client.post(visitor.path, data={"answer-last": "Mallory", "token": "0" * 32})
    assert answer.status_code == 403
    found = visitor.client.post(
        visitor.path, data={"answer-last": "Mallory"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert found.status_code == 403
    assert "Mallory" not in visitor.go(visitor.path).text


def test_too_many_forms_from_one_address_are_said_kindly(
    house: Formed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tries.LIMITS, "form_begin", tries.Limit(60, 1))
    monkeypatch.setitem(tries.LIMITS, "form_send", tries.Limit(60, 0))
    visitor = to_check(house)
    answer = visitor.post()
    assert answer.status_code == 429
    assert "Your answers are kept." in answer.text
    assert house.rows(Submission) == []
    stranger = house.visitor().go(f"/forms/{STREET}").send(f"/forms/{STREET}", centre="york-house")
    assert stranger.page is not None
    assert stranger.status == 429


def test_a_page_no_answer_leads_to_and_a_form_that_is_not_there(house: Formed) -> None:
    visitor = house.visitor().begin("every-kind")
    for spot in ("rent", "people.7.called", "people.0.nobody", "nonsense", "..", "who.0.who"):
        assert visitor.go(f"/forms/every-kind/fill/{spot}").spot in ("who", "forms", "every-kind", "fill"), (
            spot
        )
    assert visitor.go("/forms/no-such-form").status == 404


def test_danger_ends_the_journey_and_nothing_can_be_sent(house: Formed) -> None:
    visitor = house.visitor().begin(STREET).answer("yes")
    assert visitor.heading == "Tell somebody now"
    visitor.send()
    assert visitor.heading == "Tell somebody now"
    assert visitor.go(f"/forms/{STREET}/check").spot != "check"
    assert visitor.post(f"/forms/{STREET}/check").is_redirect
    assert house.rows(Submission) == []
