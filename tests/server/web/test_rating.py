"""How was your visit, on the web: one touch counts, once; what was written is noise in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from server.papers.written import open_words, seal_words
from server.store.tables import Audit, Feedback
from tests.server.web.booked_house import copied
from tests.server.web.heard_house import nothing_said
from tests.server.web.rehearsal import NOON, Served, serving
from wire.vocabulary import FeedbackReason

PAGE = "/how-was-it/york-house"
WORDS = "The chairs by the window were cold, کھڑکی, and nobody said why."


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(copied(sqlite_template, tmp_path_factory)) as found:
        yield found


@pytest.fixture
def served(running: Served) -> Served:
    nothing_said(running)
    return running


def fields_of(answer: httpx.Response, **typed: str) -> dict[str, str]:
    """The hidden fields of the page's form, with what is pressed or typed."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text)) | typed


def heading(answer: httpx.Response) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)[0]))


def answers(served: Served) -> list[Feedback]:
    return served.run(served.house.read(lambda session: list(session.exec(select(Feedback)).all())))


def test_the_first_touch_counts_and_the_rest_is_added_to_it(served: Served) -> None:
    client = served.client()
    faces = client.get(PAGE)
    assert [unescape(each) for each in re.findall(r"<span>([^<]+)</span></button>", faces.text)] == [
        "Very good", "Good", "Neither good nor bad", "Poor", "Very poor"
    ]  # fmt: skip
    why = client.post(PAGE, data=fields_of(faces, score="2"))
    assert heading(why) == "What could be better?"
    (row,) = answers(served)
    assert (row.score, row.way, row.reason, row.sealed, row.language) == (2, "paper", None, None, "en")
    tell = client.post(PAGE, data=fields_of(why, reason="wait"))
    thanks = client.post(PAGE, data=fields_of(tell, words=WORDS))
    assert heading(thanks) == "Thank you"
    (row,) = answers(served)
    assert (row.score, row.reason) == (2, FeedbackReason.WAIT)
    assert row.sealed is not None
    assert open_words(served.house.keyring, row.sealed) == WORDS
    audit = served.run(served.house.read(lambda session: session.exec(select(Audit)).all()))
    everything = row.model_dump_json() + "".join(each.model_dump_json() for each in audit)
    assert "chairs" not in everything
    assert "127.0.0.1" not in everything


def test_a_touch_sent_twice_is_one_answer_and_another_face_corrects_it(served: Served) -> None:
    client = served.client()
    faces = client.get(f"{PAGE}?stay=1&lang=ur")
    for score in ("1", "1", "4"):
        why = client.post(PAGE, data=fields_of(faces, score=score))
    assert 'lang="ur" dir="rtl"' in why.text
    assert 'data-start="/how-was-it/york-house?stay=1"' in why.text
    (row,) = answers(served)
    assert (row.score, row.way, row.language) == (4, "exit", "ur")
    again = client.post(PAGE, data=fields_of(why, to="pl", reason=""))
    assert heading(again) == "Co było dobre?"
    client.post(PAGE, data=fields_of(again, skip="yes"))
    assert [each.reason for each in answers(served)] == [None]


def test_an_answer_cannot_be_added_to_hours_later_or_by_who_does_not_know_it(served: Served) -> None:
    hands = served.set_clock(NOON)
    client = served.client()
    why = client.post(PAGE, data=fields_of(client.get(PAGE), score="5"))
    strangers = fields_of(why, reason="staff") | {"rating": "0" * 32}
    client.post(PAGE, data=strangers)
    other_centre = fields_of(why, reason="staff")
    client.post("/how-was-it/elsewhere", data=other_centre)
    hands.turn(timedelta(hours=2, seconds=1))
    client.post(PAGE, data=fields_of(why, reason="staff"))
    client.post(PAGE, data=fields_of(why, step="score", score="1"))
    assert [(each.score, each.reason) for each in answers(served)] == [(5, None)]


def test_what_is_no_answer_asks_again(served: Served) -> None:
    client = served.client()
    for score in ("0", "6", "", "five", "٣"):
        asked = client.post(PAGE, data=fields_of(client.get(PAGE), score=score))
        assert (asked.status_code, heading(asked)) == (200, "How was your visit?")
    assert answers(served) == []


def test_a_comment_too_long_comes_back_to_be_shortened(served: Served) -> None:
    client = served.client()
    why = client.post(PAGE, data=fields_of(client.get(PAGE), score="1"))
    tell = client.post(PAGE, data=fields_of(why, reason="other"))
    back = client.post(PAGE, data=fields_of(tell, words="x" * 1001))
    assert back.status_code == 422
    assert "At most 1000 characters fit." in back.text
    longest = "\U0001f600" * 1000  # four bytes each: what is sealed of it must fit its column
    assert client.post(PAGE, data=fields_of(back, words=longest)).status_code == 200
    (row,) = answers(served)
    assert len(row.sealed or "") <= 8000
    assert open_words(served.house.keyring, row.sealed or "") == longest


def test_who_answers_without_end_is_told_why_it_stops(served: Served) -> None:
    client = served.client()
    statuses = []
    for _ in range(14):
        statuses.append(client.post(PAGE, data=fields_of(client.get(PAGE), score="1")).status_code)
    assert statuses == [200] * 12 + [429] * 2
    last = client.post(PAGE, data=fields_of(client.get(PAGE), score="1"))
    assert "So that everybody is heard alike" in last.text
    assert len(answers(served)) == 12
    tablet = client.get(f"{PAGE}?stay=1")
    assert client.post(PAGE, data=fields_of(tablet, score="5")).status_code == 200


def test_there_is_no_page_of_a_centre_that_is_not_there(served: Served) -> None:
    assert served.client().get("/how-was-it/atlantis").status_code == 404


def test_words_sealed_for_another_house_are_not_opened(running: Served) -> None:
    sealed = seal_words(running.house.keyring, "kept")
    assert open_words(running.house.keyring, sealed[:-8] + "AAAAAAA=") is None
    assert open_words(running.house.keyring, "no base64!") is None
