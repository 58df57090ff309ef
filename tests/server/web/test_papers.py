"""What visitors handed in, as staff see and sort it: on a real server, with real sealed papers, and in a browser at every size."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from sqlmodel import col, select

from server.domain.access import SYSTEM
from server.jobs.deleting import delete_due
from server.jobs.handing_off import hand_off_due, take_back
from server.live import opened
from server.papers.sealing import Facts
from server.store.queries.concerns import see
from server.store.sql import Sql
from server.store.tables import (
    Audit,
    Document,
    HandOff,
    Piece,
    Post,
    Submission,
    Ticket,
)
from server.store.tx import Tx
from tests.server.web.rehearsal import NOON, PEOPLE, Served, serving, token_of
from tests.support.handed_in import handed_in, with_teams
from wire.asks import CallNext
from wire.references import show_reference
from wire.vocabulary import Role, SubmissionState, TicketState, new_id

TEAMS = (
    {"slug": "housing", "name": "Housing team", "way": "folder", "address": "housing"},
    {"slug": "benefits", "name": "Benefits team"},
)
PAULA, DORA = ("Paula Reed", {Role.PAPERS}), ("Dora Price", {Role.PAPERS, Role.DISCREET, Role.MANAGER})


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setitem(PEOPLE, "paula", PAULA)
    monkeypatch.setitem(PEOPLE, "dora", DORA)
    root = tmp_path / "handed-off"
    root.mkdir()
    with serving(
        sqlite_url, handoff_folder=root, smtp_host="127.0.0.1", smtp_from="foyer@example.org"
    ) as found:
        found.set_clock(NOON)
        found.run(with_teams(found.house, found.actor("ada"), *TEAMS))
        yield found


def hand_in(served: Served, **more: Any) -> str:
    given = {"what": "benefits", "team": "benefits", **more}
    return served.run(handed_in(served.house, served.actor("ada"), **given))


def row(served: Served, number: str) -> Submission:
    return served.run(served.house.read(lambda session: session.get_one(Submission, number)))


def files(served: Served, number: str) -> list[opened.Opened]:
    return served.run(
        served.house.read(lambda session: opened.documents(session, served.house.keyring, number))
    )


def rows(served: Served, kind: type[Any]) -> list[Any]:
    return served.run(served.house.read(lambda session: list(session.exec(select(kind)).all())))


class Desk:
    """One member of staff at their screen."""

    def __init__(self, served: Served, who: str) -> None:
        self.client: httpx.Client = served.signed_in(who)
        self.served = served

    def look(self, number: str) -> httpx.Response:
        return self.client.get(f"/papers/{number}/look")

    def do(self, number: str, deed: str, **fields: Any) -> httpx.Response:
        data = {"csrf": token_of(self.client), **fields}
        return self.client.post(f"/papers/{number}/{deed}", data=data)

    def said(self, answer: httpx.Response) -> str:
        found = re.search(r'class="said">([^<]*)', answer.text)
        return found.group(1) if found else ""

    def file_of(self, number: str) -> str:
        return str(next(each.id for each in rows(self.served, Document) if each.submission_id == number))


# Looking ----------------------------------------------------------------------------------------------------------------


def test_a_look_is_written_down_and_pages_are_shown_to_who_has_looked(served: Served) -> None:
    number = hand_in(served)
    paula, dora = Desk(served, "paula"), Desk(served, "dora")
    page_one = f"/papers/{number}/files/{paula.file_of(number)}/1.jpg"
    assert paula.client.get(page_one).status_code == 403
    shown = paula.look(number)
    assert shown.status_code == 200
    for told in (
        "HB 12345",
        "+447700900123",
        "jane@example.org",
        "Benefits team",
        show_reference(row(served, number).reference),
    ):
        assert told in shown.text
    answer = paula.client.get(page_one)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["cache-control"] == "no-store, private"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.content.startswith(b"\xff\xd8")
    assert paula.client.get(page_one.replace("1.jpg", "99.jpg")).status_code == 404
    assert dora.client.get(page_one).status_code == 403  # another's look is not hers
    assert "Paula Reed" in dora.look(number).text
    file = paula.client.post(page_one.replace("1.jpg", "download"), data={"csrf": token_of(paula.client)})
    assert file.content.startswith(b"%PDF")
    assert file.headers["content-disposition"].startswith("attachment; ")
    about = f"submission:{number}"
    looks = [each.what for each in rows(served, Audit) if each.about == about and each.staff_id]
    assert looks == ["looked at papers", "looked at papers", "downloaded papers"]
    assert not any("12345" in str(each.detail) for each in rows(served, Audit))


def private_visit(served: Served) -> str:
    ticket, _, _ = served.visitor("private")
    return str(next(each.visit_id for each in rows(served, Ticket) if each.id == ticket))


def gone(tx: Tx) -> None:
    """Whoever was at a counter has been served."""
    for ticket in tx.session().exec(select(Ticket).where(col(Ticket.counter_id).is_not(None))):
        ticket.state = TicketState.FINISHED.value


def test_nobody_else_sees_it_and_a_private_one_is_for_those_with_the_right(served: Served) -> None:
    visit = private_visit(served)
    plain, private = hand_in(served), hand_in(served, visit_id=visit)
    paula, dora, priya = Desk(served, "paula"), Desk(served, "dora"), Desk(served, "priya")
    assert priya.client.get("/papers").status_code == 403
    assert priya.look(plain).status_code == 403
    assert "is not at your counter" in priya.look(plain).text
    listed = paula.client.get("/papers").text
    assert show_reference(row(served, plain).reference) in listed
    assert show_reference(row(served, private).reference) not in listed
    assert "1 more is private" in listed
    assert paula.look(private).status_code == 403
    assert paula.do(private, "accept").status_code == 403
    reference = row(served, private).reference
    found = paula.client.post("/papers/find", data={"csrf": token_of(paula.client), "reference": reference})
    assert found.status_code == 404
    assert show_reference(reference) in dora.client.get("/papers").text
    assert dora.look(private).status_code == 200
    served.sit("priya")
    served.ask(served.actor("priya"), CallNext())
    assert priya.look(private).status_code == 200  # their visitor is before them
    assert priya.do(private, "accept").status_code == 403  # but they do not sort
    page_one = f"/papers/{private}/files/{priya.file_of(private)}/1.jpg"
    assert priya.client.get(page_one).status_code == 200
    served.run(served.house.change(SYSTEM, "gone", gone))
    over = priya.client.get(page_one)  # the visitor is served and away, and so is what was theirs
    assert (over.status_code, "has left your counter" in over.text) == (403, True)
    refused = [each for each in rows(served, Audit) if each.what == "refused papers"]
    assert len(refused) == 3


def test_found_by_the_reference_as_a_visitor_reads_it_out(served: Served) -> None:
    number, paula = hand_in(served), Desk(served, "paula")
    typed = show_reference(row(served, number).reference).lower().replace("-", " ")
    for text, status in ((typed, 303), ("nothing", 404), ("BCDF-3467", 404), ("", 404)):
        answer = paula.client.post("/papers/find", data={"csrf": token_of(paula.client), "reference": text})
        assert answer.status_code == status, text


def test_what_has_a_virus_or_was_not_looked_at_is_not_opened(served: Served) -> None:
    paula = Desk(served, "paula")
    for virus, says in (("found", "A virus was found"), ("waits", "has not looked at this yet")):
        number = hand_in(served, virus=virus)
        shown = paula.look(number)
        assert says in shown.text
        assert "HB 12345" not in shown.text
        assert ".jpg" not in shown.text
        picture = paula.client.get(f"/papers/{number}/files/{paula.file_of(number)}/1.jpg")
        assert picture.status_code == 409
        assert says in picture.text


# Sorting ----------------------------------------------------------------------------------------------------------------


def test_accepted_by_hand_once_and_by_one_of_two(served: Served) -> None:
    number = hand_in(served)
    paula, dora = Desk(served, "paula"), Desk(served, "dora")
    dora.look(number)
    assert paula.do(number, "accept").status_code == 303
    late = dora.do(number, "reject", why="blurred")
    assert (late.status_code, dora.said(late)) == (409, "Its team has this already. Ask them.")
    found = row(served, number)
    assert (found.state, found.accepted_by) == (SubmissionState.ACCEPTED, "Paula Reed")
    assert found.delete_at == NOON + timedelta(days=14)


def test_rejected_with_a_message_in_the_visitor_s_language_or_knowingly_without(served: Served) -> None:
    paula = Desk(served, "paula")
    number = hand_in(served, language="pl")
    nothing = paula.do(number, "reject", why="because")
    assert (nothing.status_code, "choose from the list" in paula.said(nothing)) == (422, True)
    assert paula.do(number, "reject", why="cut_off").status_code == 303
    (post,) = rows(served, Post)
    assert (post.letter, post.language, post.address) == ("unusable", "pl", "jane@example.org")
    silent = hand_in(served, facts=Facts())
    alone = paula.do(silent, "reject", why="blurred")
    assert alone.status_code == 409
    assert "named no number or address" in paula.said(alone)
    assert row(served, silent).state == SubmissionState.RECEIVED
    assert paula.do(silent, "reject", why="blurred", nobody="yes").status_code == 303
    found = row(served, silent)
    assert (found.state, found.reject_why) == (SubmissionState.REJECTED, "blurred")
    assert "Paula Reed" in paula.look(silent).text


def test_filed_elsewhere_it_goes_to_the_other_team(served: Served) -> None:
    number, paula = hand_in(served), Desk(served, "paula")
    assert paula.do(number, "refile", what="nothing").status_code == 422
    assert paula.do(number, "refile", what="housing", team="nobody").status_code == 422
    assert paula.do(number, "refile", what="housing").status_code == 303
    found = row(served, number)
    assert (found.what, found.team) == ("housing", "housing")
    (off,) = rows(served, HandOff)
    assert (off.team, off.way) == ("housing", "folder")
    assert paula.do(number, "again").status_code == 303
    assert sorted(each.round for each in rows(served, HandOff)) == [1, 2]
    served.run(hand_off_due(served.house))
    assert paula.do(number, "refile", what="benefits").status_code == 303
    listed = paula.client.get("/papers").text  # with a team that looks at the list nothing is the matter
    assert "In this list" in listed
    assert "was not sent" not in listed
    assert "was not sent" not in paula.look(number).text
    stuck = served.run(
        served.house.look(
            lambda connection: (
                see(Sql(connection), served.actor("ada").centre, served.house.clock.micros()).stuck
            )
        )
    )
    assert stuck == []
    alone = hand_in(served)
    assert "looks at the list itself" in paula.said(paula.do(alone, "again"))


def turned(served: Served, number: str) -> list[int]:
    with pikepdf.open(io.BytesIO(files(served, number)[0].body)) as pdf:
        return [int(page.get("/Rotate", 0)) for page in pdf.pages]


def test_pages_are_turned_and_two_at_once_do_not_undo_each_other(served: Served) -> None:
    number = hand_in(served)
    paula, dora = Desk(served, "paula"), Desk(served, "dora")
    paula.look(number), dora.look(number)
    document = paula.file_of(number)
    for fields in (
        {"page": "99", "way": "left"},
        {"page": "2", "way": "sideways"},
        {"way": "left"},
        {"page": "0", "way": "left"},
    ):
        assert paula.do(number, "turn", document=document, **fields).status_code == 422, fields
    assert paula.do(number, "turn", document=document, page=["2", "3"], way="right").status_code == 303
    assert turned(served, number) == [0, 90, 90]
    late = dora.do(number, "turn", document=document, page="1", way="over")
    assert late.status_code == 409
    assert "A colleague has changed these pages" in dora.said(late)
    assert turned(served, number) == [0, 90, 90]
    assert dora.client.get(f"/papers/{number}/files/{document}/1.jpg").status_code == 200  # as it is now
    kept = {each.id for each in rows(served, Document)}
    assert {each.document_id for each in rows(served, Piece)} == kept  # nothing of the file before is left


def test_of_two_who_turn_at_the_same_moment_one_is_told_to_look_again(served: Served) -> None:
    number = hand_in(served)
    desks = [Desk(served, who) for who in ("paula", "dora")]
    for each in desks:
        each.look(number)
    document = desks[0].file_of(number)

    def turn(desk: Desk) -> int:
        return desk.do(number, "turn", document=document, page="1", way="right").status_code

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(turn, desks)) == [303, 409]
    assert turned(served, number) == [90, 0, 0]
    assert {each.document_id for each in rows(served, Piece)} == {each.id for each in rows(served, Document)}


def test_split_in_two_and_put_together_again(served: Served) -> None:
    number, paula = hand_in(served), Desk(served, "paula")
    paula.look(number)
    document = paula.file_of(number)
    for cut in ("0", "1", "4", "99", "x"):
        assert paula.do(number, "split", document=document, before=cut).status_code == 422, cut
    assert paula.do(number, "split", document=document, before="2").status_code == 303
    first, second = sorted(rows(served, Submission), key=lambda each: each.pages)
    assert (first.id, first.pages, second.pages) == (number, 1, 2)
    assert first.reference != second.reference
    assert (first.papers, second.papers) == (
        [{"kind": "letter", "pages": 1}],
        [{"kind": "letter", "pages": 2}],
    )
    facts = served.run(
        served.house.read(lambda session: opened.facts(session, served.house.keyring, second.id))
    )
    assert facts.case == "HB 12345"
    paula.look(second.id)
    served.set_clock(NOON + timedelta(hours=2))
    paula.look(second.id)
    unseen = paula.do(second.id, "join", document=paula.file_of(second.id), other=number)
    assert (unseen.status_code, "Look at the other one first" in paula.said(unseen)) == (409, True)
    paula.look(number)
    joined = paula.do(second.id, "join", document=paula.file_of(second.id), other=number)
    assert joined.status_code == 303
    assert row(served, second.id).pages == 3
    gone = paula.look(number)
    assert gone.status_code == 410
    assert f"put into {show_reference(second.reference)}" in gone.text
    assert row(served, number).facts is None
    assert {each.document_id for each in rows(served, Piece)} == {each.id for each in rows(served, Document)}
    stranger = hand_in(served, made_at=NOON - timedelta(hours=1))
    paula.look(stranger)
    apart = paula.do(second.id, "join", document=paula.file_of(second.id), other=stranger)
    assert (apart.status_code, "Nothing says" in paula.said(apart)) == (409, True)
    itself = paula.do(second.id, "join", document=paula.file_of(second.id), other=second.id)
    assert itself.status_code == 422


def test_deleted_by_hand_for_a_reason_nothing_is_left_here_or_with_the_team(
    served: Served, tmp_path: Path
) -> None:
    number, paula = hand_in(served, what="housing", team="housing"), Desk(served, "paula")
    private = hand_in(served, visit_id=private_visit(served))
    served.run(hand_off_due(served.house))
    assert list((tmp_path / "handed-off").rglob("*.pdf"))
    for fields, says in (
        ({"why": "because", "sure": "yes"}, "Say why it is deleted"),
        ({"why": "asked"}, "cannot be brought back"),
    ):
        answer = paula.do(number, "delete", **fields)
        assert (answer.status_code, says in paula.said(answer)) == (422, True)
    assert paula.do(private, "delete", why="asked", sure="yes").status_code == 403
    assert row(served, private).key is not None
    assert "Delete it before its time" in paula.look(number).text
    assert paula.do(number, "delete", why="asked", sure="yes").status_code == 303
    shown = paula.look(number)
    assert shown.status_code == 410
    assert "by a colleague, before its time" in shown.text
    found = row(served, number)
    assert (found.key, found.facts, found.deleted_why) == (None, None, "staff")
    served.run(delete_due(served.house))
    served.run(take_back(served.house))
    assert [each for each in (tmp_path / "handed-off").rglob("*") if each.is_file()] == []
    assert number not in {each.submission_id for each in rows(served, Document)}
    audit = {each.what: each.detail for each in rows(served, Audit) if each.about == f"submission:{number}"}
    assert audit["submission_deleted_by_hand"] == {"why": "asked"}
    assert audit["submission_deleted"]["left"] == 0
    again = paula.do(number, "delete", why="asked", sure="yes")
    assert again.status_code == 409


def test_a_deleted_one_is_over_and_says_so(served: Served) -> None:
    number, paula = hand_in(served), Desk(served, "paula")
    paula.look(number)
    page_one = f"/papers/{number}/files/{paula.file_of(number)}/1.jpg"

    def delete(tx: Tx) -> None:
        found = tx.session().get_one(Submission, number)
        found.key = found.facts = None
        found.deleted_at, found.deleted_why = NOON, "retention"

    served.run(served.house.change(SYSTEM, "delete", delete))
    over = paula.look(number)
    assert over.status_code == 410
    assert "Nothing of it is kept here any more" in over.text
    assert paula.client.get(page_one).status_code == 410
    assert paula.do(number, "accept").status_code == 409


# Seen, not kept -----------------------------------------------------------------------------------------------------------


def test_a_paper_was_seen_and_taken_back_by_who_may(served: Served) -> None:
    grace, priya, paula = Desk(served, "grace"), Desk(served, "priya"), Desk(served, "paula")
    data = {"csrf": token_of(grace.client), "sighting": new_id(), "seen": "passport", "case": " HB\u202e 1 "}
    assert grace.client.post("/papers/seen", data={**data, "case": ""}).status_code == 422
    assert grace.client.post("/papers/seen", data={**data, "seen": "moon"}).status_code == 422
    assert grace.client.post("/papers/seen", data=data).status_code == 303
    assert grace.client.post("/papers/seen", data=data).status_code == 303  # once, however often it is sent
    listed = priya.client.get("/papers/seen", params={"case": "HB 1"}).text
    assert "Grace Obi" in listed
    assert listed.count('scope="row"') == 1
    back = f"/papers/seen/{data['sighting']}/take-back"
    for who, reason, status in (
        (priya, "not mine", 403),
        (paula, "", 422),
        (paula, "other case", 303),
        (paula, "again", 409),
    ):
        answer = who.client.post(back, data={"csrf": token_of(who.client), "reason": reason})
        assert answer.status_code == status, (reason, status)
    shown = grace.client.get("/papers/seen").text
    assert "Taken back by Paula Reed: other case" in shown
