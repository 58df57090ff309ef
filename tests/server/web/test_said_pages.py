"""What visitors wrote and what they complained of: who reads it, that each look is written down, what becomes of it, and that nobody else learns a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from server.actions import rating
from server.actions.rating import Given
from server.domain.access import SYSTEM
from server.papers.written import seal_words
from server.store.tables import Audit, Feedback, Said
from tests.server.web.booked_house import copied
from tests.server.web.heard_house import nothing_said
from tests.server.web.rehearsal import NOON, Served, serving, token_of
from wire.references import show_reference
from wire.vocabulary import FeedbackReason, FeedbackWay, Language, new_id

COMMENTS = "/figures/satisfaction/comments"
SAID = "They would not listen.\nHer name was on the badge: =HYPERLINK(1)"


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(copied(sqlite_template, tmp_path_factory)) as found:
        yield found


@pytest.fixture
def served(running: Served) -> Served:
    nothing_said(running)
    return running


def give(served: Served, *, words: str = "", score: int = 2, minutes_ago: float = 0, **more: Any) -> str:
    now = served.house.clock.micros() - round(minutes_ago * 60_000_000)
    given = Given(
        id=new_id(),
        centre=served.ids.centre,
        at=now,
        score=score,
        sealed=seal_words(served.house.keyring, words),
        **{"way": FeedbackWay.EXIT, **more},
    )
    served.run(served.house.change(SYSTEM, "rate", partial(rating.add, given=given)))
    return given.id


def audit(served: Served, *deeds: str) -> list[tuple[str, str]]:
    rows = served.run(
        served.house.read(lambda session: session.exec(select(Audit).order_by(col(Audit.id))).all())
    )
    return [(row.what, row.about) for row in rows if row.what in deeds]


def row_of(served: Served, table: type, key: str) -> object:
    return served.run(served.house.read(lambda session: session.get(table, key)))


def post(client: httpx.Client, path: str, **form: object) -> httpx.Response:
    return client.post(path, data={"csrf": token_of(client), **form})


def everywhere(served: Served) -> str:
    """All that the database holds, as text."""
    tables = served.run(
        served.house.look(
            lambda connection: [
                str(tuple(record))
                for (table,) in connection.execute(
                    text("SELECT name FROM sqlite_master WHERE type = 'table'")
                )
                for record in connection.execute(text(f'SELECT * FROM "{table}"'))
            ]
        )
    )
    return "\n".join(tables)


# Comments ----------------------------------------------------------------------------------------------------------------


def test_a_manager_reads_deals_with_and_takes_out_what_was_written(served: Served) -> None:
    first = give(served, words="Too cold.", reason=FeedbackReason.PLACE, language=Language.PL)
    prank = give(served, words="ha ha ha", score=1, minutes_ago=1)
    manager = served.signed_in("max")
    shown = manager.get(COMMENTS).text
    assert shown.index("Too cold.") < shown.index("ha ha ha"), "the newest first"
    assert "To be dealt with (2)" in shown
    assert audit(served, "comments_read") == [("comments_read", f"centre:{served.ids.centre}")]
    assert post(manager, f"{COMMENTS}/{prank}/take-out").status_code == 303
    assert post(manager, f"{COMMENTS}/{first}/seen").status_code == 303
    left = manager.get(COMMENTS).text
    assert "Too cold." not in left
    assert "To be dealt with (1)" in left
    assert "Not counted in the figures." in left
    assert "Dealt with by Max Lee" in manager.get(f"{COMMENTS}?show=all").text
    twice = post(manager, f"{COMMENTS}/{prank}/take-out")
    assert twice.status_code == 404
    assert "are not counted any more" in twice.text
    assert post(manager, f"{COMMENTS}/{prank}/put-back").status_code == 303
    row = row_of(served, Feedback, prank)
    assert isinstance(row, Feedback)
    assert (row.withdrawn_at, row.withdrawn_by) == (None, None)
    assert "Too cold" not in everywhere(served)
    assert "ha ha ha" not in everywhere(served)


def test_a_manager_of_another_centre_sees_and_touches_none_of_it(served: Served) -> None:
    theirs = give(served, words="Too cold.")
    olga = served.signed_in("olga")
    assert "Too cold." not in olga.get(f"{COMMENTS}?show=all").text
    assert post(olga, f"{COMMENTS}/{theirs}/take-out").status_code == 404
    post(olga, f"{COMMENTS}/{theirs}/seen")
    row = row_of(served, Feedback, theirs)
    assert isinstance(row, Feedback)
    assert (row.seen_at, row.withdrawn_at) == (None, None)


def test_words_that_cannot_be_opened_say_so_and_hide_nothing_else(served: Served) -> None:
    number = give(served, words="Too cold.")
    spoilt = text("UPDATE feedback SET sealed = 'bm90IG91cnM=' WHERE id = :id")
    served.run(served.house.change(SYSTEM, "spoil", lambda tx: tx.session().execute(spoilt, {"id": number})))
    give(served, words="Very kind.", score=5)
    shown = served.signed_in("max").get(COMMENTS).text
    assert "These words cannot be opened" in shown
    assert "Very kind." in shown


def test_a_run_of_answers_is_pointed_out_and_taken_out_whole(served: Served) -> None:
    played = [give(served, score=1, minutes_ago=20 + number / 10) for number in range(15)]
    for number in range(11):
        give(served, score=5, minutes_ago=100 + number)
    for _ in range(14):  # of a ticket's page only the hour is known, and each visit answers once
        give(served, score=5, way=FeedbackWay.PHONE)
    manager = served.signed_in("max")
    shown = manager.get(COMMENTS).text
    assert "Take these 15 out" in shown
    (key,) = re.findall(r'name="key" value="([^"]+)"', shown)
    assert post(manager, "/figures/satisfaction/runs", key=unescape(key)).status_code == 303
    assert "Take these" not in manager.get(COMMENTS).text
    rows = served.run(served.house.read(lambda session: session.exec(select(Feedback)).all()))
    assert {row.id for row in rows if row.withdrawn_at is not None} == set(played)
    assert "of the 25 visitors who answered" in manager.get("/figures/satisfaction?kind=day").text


# Complaints --------------------------------------------------------------------------------------------------------------


def write_down(client: httpx.Client, **typed: str) -> httpx.Response:
    number = re.findall(r'name="number" value="(\w+)"', client.get("/said/new").text)[0]
    form = {
        "number": number,
        "kind": "complaint",
        "words": SAID,
        "received_on": "2026-11-03",
        "service": "housing",
    }
    return post(client, "/said/new", **{**form, **typed})


def test_a_greeter_writes_a_complaint_down_and_only_a_manager_reads_it(served: Served) -> None:
    hands = served.set_clock(NOON)
    greeter, manager, visitor = served.signed_in("grace"), served.signed_in("max"), served.client()
    told = write_down(greeter)
    assert told.status_code == 200
    (row,) = served.run(served.house.read(lambda session: session.exec(select(Said)).all()))
    assert show_reference(row.reference) in told.text
    assert "10 November" in told.text
    assert "24 November" in told.text
    assert SAID.splitlines()[0] not in everywhere(served)
    assert greeter.get("/said").status_code == 403
    assert greeter.get(f"/said/{row.id}").status_code == 403
    assert "Somewhere to live" in manager.get("/said").text
    one = manager.get(f"/said/{row.id}")
    assert SAID in unescape(one.text)
    assert audit(served, "said_read") == [("said_read", f"said:{row.id}")]

    def standing() -> str:
        answer = visitor.post("/what-became-of-it", data={"reference": show_reference(row.reference).lower()})
        assert answer.status_code == 200
        return answer.text

    assert "We have received it." in standing()
    assert "We tell you who looks into it by Tuesday 10 November." in standing()
    assert post(manager, f"/said/{row.id}/acknowledge").status_code == 303
    assert post(manager, f"/said/{row.id}/acknowledge").status_code == 409
    assert "Somebody is looking into it." in standing()
    hands.turn(timedelta(days=15))
    assert "This takes longer than we promised." in standing()
    assert "Late: 17 Nov" in manager.get("/said?which=late").text
    assert post(manager, f"/said/{row.id}/pass_on", passed_to="Housing").status_code == 303
    assert "We have passed it on" in standing()
    assert "Housing" not in standing(), "which team has it is nobody else's business"
    assert "Nothing is open." in manager.get("/said").text
    assert "Passed on to Housing" in manager.get("/said?which=ended").text
    figures = manager.get("/figures/satisfaction?kind=month&first=2026-11-01").text
    assert (
        "1 complaint was received. Of the complaints whose answer was due, none was answered in time."
        in figures
    )


WRONG: dict[str, dict[str, str]] = {
    "no words": {"words": " "},
    "too long": {"words": "x" * 2001},
    "another kind": {"kind": "insult"},
    "no day": {"received_on": "yesterday"},
    "tomorrow": {"received_on": "2026-11-04"},
    "no such service": {"service": "atlantis"},
}


def test_what_cannot_be_kept_comes_back_with_what_was_typed(served: Served) -> None:
    """And the longest that can be, in any script, fits its column."""
    served.set_clock(NOON)
    adviser = served.signed_in("priya")
    for name, wrong in WRONG.items():
        back = write_down(adviser, **wrong)
        assert back.status_code in (404, 422), name
        assert "Write down what somebody told you" in back.text, name
        assert "words" in wrong or "They would not listen." in back.text, name
    assert served.run(served.house.read(lambda session: session.exec(select(Said)).all())) == []
    assert write_down(adviser, words="\U0001f600" * 2000).status_code == 200
    (row,) = served.run(served.house.read(lambda session: session.exec(select(Said)).all()))
    assert len(row.sealed or "") <= 12_000


def test_references_are_not_to_be_guessed_and_the_poster_leads_to_the_question(sqlite_url: str) -> None:
    with serving(sqlite_url, public_url="https://queue.example.gov.uk/", demo=True) as served:
        client = served.client()
        assert client.get("/what-became-of-it").status_code == 200, "where people learn to use it, too"
        assert client.post("/what-became-of-it", data={"reference": "BCDF-GHJM"}).status_code == 422
        tried = [
            client.post("/what-became-of-it", data={"reference": "BCDFGHJW"}).status_code for _ in range(12)
        ]
        assert tried == [404] * 10 + [429] * 2
        assert client.get("/what-became-of-it/BCDFGHJW").status_code == 404
        shown = served.signed_in("max").get("/figures/satisfaction/poster").text
        assert "https://queue.example.gov.uk/how-was-it/york-house" in shown
        assert "Jak przebiegła wizyta?" in shown
