"""A kiosk hands in what a visitor scanned: taken in once, whole, in nobody's clear, and refused in words where it cannot be."""

import contextlib
import http.client
import io
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from select import select as select_line
from typing import Any

import httpx
import pikepdf
import pyrage
import pytest
from PIL import Image
from sqlmodel import col, select

from server.actions import submissions
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.papers.checking import TWO_THINGS
from server.store.sql import Statement
from server.store.tables import Audit, Centre, Device, Document, Piece, Submission
from server.store.tx import Tx
from server.web.api import packets
from server.web.taking_in import open_document, open_facts, take_in
from tests.server.web.rehearsal import TOKENS, Served, serving
from tests.support.packets import packet_of, picture, sealed
from wire.packets import MOST_BYTES, Packet, write_packet
from wire.vocabulary import Channel, DeviceKind, HandedIn, PaperKind, new_id


@pytest.fixture
def both(database_url: str) -> Iterator[Served]:
    """A server on each of the two databases."""
    with serving(database_url) as running:
        yield running


MARK = "planted-4711"
PURPOSES = [{"slug": "housing", "names": {"en": "Housing"}, "team": "lettings"}]


def put(
    served: Served,
    packet: str,
    body: bytes | Iterator[bytes],
    token: str = TOKENS[DeviceKind.KIOSK],
    **headers: str,
) -> httpx.Response:
    with served.client() as client:
        return client.put(
            f"/api/packets/{packet}", content=body, headers={"Authorization": f"Bearer {token}", **headers}
        )


def seal(served: Served, packet: Packet) -> bytes:
    return sealed(packet, served.house.keyring.recipients)


def hand_in(served: Served, packet: Packet, **headers: str) -> httpx.Response:
    return put(served, packet.manifest.id, seal(served, packet), **headers)


def with_purposes(served: Served) -> None:
    def plan(tx: Tx) -> None:
        centre = tx.session().get_one(Centre, served.ids.centre)
        centre.extra = {**centre.extra, "purposes": PURPOSES}

    served.run(served.house.change(SYSTEM, "plan", plan))


def submission(served: Served, packet: Packet) -> Submission | None:
    return served.run(served.house.read(lambda session: session.get(Submission, packet.manifest.id)))


def documents(served: Served, packet: Packet) -> Sequence[Document]:
    wanted = (
        select(Document).where(Document.submission_id == packet.manifest.id).order_by(col(Document.position))
    )
    return served.run(served.house.read(lambda session: list(session.exec(wanted))))


def pieces(served: Served) -> int:
    return served.run(served.house.read(lambda session: len(session.exec(select(Piece.number)).all())))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    said: dict[str, Any] = answer.json()["refusal"]
    assert said["say"]
    return answer.status_code, said["code"]


def three_pages_come_out_as_they_went_in_and_stand_nowhere_in_the_clear(both: Served) -> None:
    with_purposes(both)
    pages = [picture(f"Page {number}") for number in (1, 2, 3)]
    packet = packet_of(
        pages,
        papers=[(PaperKind.LETTER, 2), (PaperKind.BANK, 1)],
        case="HB 12345",
        email="jane@example.org",
        retakes=2,
    )
    before = both.house.clock.micros()
    answer = hand_in(both, packet, **{"Foyer-Age-Ms": "60000"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["reference"] == packet.manifest.reference
    row = submission(both, packet)
    assert row is not None
    assert (row.team, row.pages, row.retakes, row.virus) == ("lettings", 3, 2, "")
    assert row.papers == [{"kind": "letter", "pages": 2}, {"kind": "bank", "pages": 1}]
    assert answer.json()["received_at"] == int(row.received_at.timestamp() * 1000)
    assert -61 < (row.made_at.timestamp() - before / 1e6) < -50
    (document,) = documents(both, packet)
    assert (document.name, document.pages) == ("papers.pdf", 3)
    body = both.run(open_document(both.house, document.id))
    with pikepdf.open(io.BytesIO(body)) as pdf:
        kept = [image.read_raw_bytes() for page in pdf.pages for image in page.get_images().values()]
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["1 Letter", "2 Bank statement"]
        assert [round(float(side)) for side in pdf.pages[0].mediabox.as_list()] == [0, 0, 595, 842]
    assert kept == pages
    facts = both.run(open_facts(both.house, packet.manifest.id))
    assert (facts.case, facts.email) == ("HB 12345", "jane@example.org")
    stored = [piece for piece in everything(both) if b"HB 12345" in piece or pages[0][200:260] in piece]
    assert not stored


def everything(served: Served) -> list[bytes]:
    """All that the database holds, column by column."""

    def look(session: Any) -> list[bytes]:
        rows = [session.exec(select(table)).all() for table in (Submission, Document, Piece, Audit)]
        return [
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for table in rows
            for row in table
            for value in row.model_dump().values()
        ]

    return served.run(served.house.read(look))


def sent_again_it_is_the_same_and_with_another_body_refused(both: Served) -> None:
    packet = packet_of([picture()])
    body = seal(both, packet)
    first = put(both, packet.manifest.id, body)
    held = pieces(both)
    again = put(both, packet.manifest.id, body)
    assert first.status_code == 200
    assert first.json() == again.json()
    assert pieces(both) == held
    assert refusal(put(both, packet.manifest.id, seal(both, packet))) == (409, "id_reused")


def sent_many_times_at_once_it_is_taken_in_once(both: Served) -> None:
    packet = packet_of([picture("At once")])
    body = seal(both, packet)
    before = pieces(both)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: put(both, packet.manifest.id, body), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(documents(both, packet)) == 1
    assert pieces(both) == before + 1


def a_second_server_that_was_quicker_leaves_one_submission(both: Served) -> None:
    """Both looked before either wrote: the last change is where it is decided."""
    packet = packet_of([picture("Twice")])
    hashed = both.house.keyring.mark("packet", write_packet(packet))
    first, second = (coming(both, packet, hashed) for _ in range(2))
    taken = both.run(both.house.change(SYSTEM, "one", lambda tx: submissions.add(tx, first)))
    again = both.run(both.house.change(SYSTEM, "two", lambda tx: submissions.add(tx, second)))
    assert taken == again
    assert [each.id for each in documents(both, packet)] == [each.id for each in first.documents]


def coming(served: Served, packet: Packet, hashed: str) -> submissions.Coming:
    sealed_one = submissions.Sealed(new_id(), "papers.pdf", "application/pdf", 1, 10, 1, b"wrapped")
    return submissions.Coming(
        packet.manifest, hashed, served.ids.centre, None, Channel.KIOSK, 0, [sealed_one], b"key", b"facts"
    )


def what_cannot_be_taken_is_refused_in_words_and_leaves_nothing(both: Served) -> None:
    before = pieces(both)
    packet = packet_of([picture()])
    body = seal(both, packet)
    number = packet.manifest.id
    foreign = sealed(packet, [str(pyrage.x25519.Identity.generate().to_public())])
    liar = packet_of([picture() + b"<html><script>"], case=MARK, email=f"{MARK}@example.org")
    assert refusal(put(both, number, body, token="nobody's")) == (401, "not_signed_in")
    assert refusal(put(both, number, body, token=TOKENS[DeviceKind.DISPLAY]))[0] == 403
    assert refusal(put(both, number, foreign)) == (403, "not_allowed")
    assert refusal(put(both, number, body[:-7])) == (422, "malformed")
    assert refusal(put(both, number, b"")) == (422, "malformed")
    assert refusal(put(both, number, pyrage.encrypt(b"hello", [recipient(both)]))) == (422, "malformed")
    assert refusal(put(both, new_id(), body)) == (422, "malformed")
    assert refusal(put(both, "x", body)) == (422, "malformed")
    assert refusal(put(both, number, body, **{"Foyer-Age-Ms": "-5"})) == (422, "malformed")
    assert refusal(put(both, number, iter([body]))) == (422, "malformed")
    answer = hand_in(both, liar)
    assert refusal(answer) == (422, "malformed")
    assert answer.json()["refusal"]["say"] == TWO_THINGS
    form = packet_of(kind=HandedIn.FORM, what="no-such-form", version=3, answers={"who": MARK})
    assert refusal(hand_in(both, form)) == (404, "unknown")
    assert submission(both, packet) is None
    assert pieces(both) == before


def recipient(served: Served) -> Any:
    return pyrage.x25519.Recipient.from_str(served.house.keyring.recipients[0])


def what_fails_at_the_last_step_leaves_no_piece(both: Served) -> None:
    """A centre that is not there: everything before it went well."""
    before = pieces(both)
    late = take_in(
        both.house,
        both.actor("ada"),
        packet_of([picture()]),
        centre_id=10**6,
        device_id=None,
        channel=Channel.WEB,
        made_at=0,
    )
    with pytest.raises(Refused):
        both.run(late)
    assert pieces(both) == before


def a_body_that_is_too_long_is_refused_before_it_is_read(both: Served) -> None:
    line = http.client.HTTPConnection(both.url.removeprefix("http://"), timeout=10)
    line.putrequest("PUT", f"/api/packets/{new_id()}")
    line.putheader("Authorization", f"Bearer {TOKENS[DeviceKind.KIOSK]}")
    line.putheader("Content-Length", str(2 * MOST_BYTES))
    line.endheaders()
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()
    assert (answer.status, told["refusal"]["code"]) == (413, "too_large")


def a_disk_that_is_full_amid_the_pieces_loses_nothing(served: Served) -> None:
    out = io.BytesIO()
    Image.effect_noise((1000, 1300), 90).save(out, "JPEG", quality=95)
    packet = packet_of([out.getvalue()] * 2)
    body, before = seal(served, packet), pieces(served)

    def fill_up(tx: Tx) -> int:
        pages = tx.sql.one(Statement("PRAGMA page_count"))
        assert pages is not None
        tx.sql.one(
            Statement(f"PRAGMA max_page_count = {pages[0] + 400}")
        )  # room for one piece and not for three
        return tx.now

    served.run(served.house.change(SYSTEM, "full", fill_up))
    assert refusal(put(served, packet.manifest.id, body)) == (429, "try_later")
    assert submission(served, packet) is None
    assert pieces(served) == before
    assert put(served, packet.manifest.id, body).status_code == 200
    assert len(documents(served, packet)) == 1


def half_sent(served: Served, packet: str, body: bytes) -> http.client.HTTPConnection:
    line = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=20)
    line.putrequest("PUT", f"/api/packets/{packet}")
    line.putheader("Authorization", f"Bearer {TOKENS[DeviceKind.KIOSK]}")
    line.putheader("Content-Length", str(len(body)))
    line.endheaders()
    line.send(body[: len(body) // 2])
    return line


def who_is_signed_off_while_they_send_is_refused(served: Served) -> None:
    packet = packet_of([picture()])
    body = seal(served, packet)
    line = half_sent(served, packet.manifest.id, body)
    mark(served, at=served.house.clock.now())
    line.send(body[len(body) // 2 :])
    answer = line.getresponse()
    assert (answer.status, json.loads(answer.read())["refusal"]["code"]) == (401, "not_signed_in")
    line.close()
    assert submission(served, packet) is None
    mark(served, at=None)


def mark(served: Served, at: datetime | None) -> None:
    def change(tx: Tx) -> None:
        tx.session().get_one(Device, served.ids.devices[DeviceKind.KIOSK]).revoked_at = at

    served.run(served.house.change(SYSTEM, "revoked", change))


def who_sends_a_byte_now_and_then_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "PART_SECONDS", 0.5)
    line = half_sent(served, new_id(), bytes(20_000))
    with contextlib.suppress(OSError):
        for _ in range(60):
            line.send(b"x")
            if select_line([line.sock], [], [], 0.1)[0]:
                break
        else:
            pytest.fail("it was waited for as long as something came")
    answer = line.getresponse()
    assert (answer.status, json.loads(answer.read())["refusal"]["code"]) == (429, "try_later")
    line.close()


def what_is_no_json_elsewhere_is_refused(served: Served) -> None:
    packet = packet_of(kind=HandedIn.BEGUN, what="bulky-waste", answers={"how_many": 7, "who": MARK})
    clear = write_packet(packet).replace(b'"how_many":7', b'"how_many":NaN')
    manifest = len(clear) - 11
    clear = clear[:7] + manifest.to_bytes(4, "big") + clear[11:]
    answer = put(served, packet.manifest.id, pyrage.encrypt(clear, [recipient(served)]))
    assert refusal(answer) == (422, "malformed")
    assert "answers" in answer.json()["refusal"]["say"]


def a_retired_purpose_and_a_taken_reference_lose_nobody_their_papers(both: Served) -> None:
    with_purposes(both)
    first = packet_of([picture("First")])
    assert hand_in(both, first).status_code == 200
    second = packet_of([picture("Second")], what="gone-since", reference=first.manifest.reference)
    answer = hand_in(both, second)
    assert answer.status_code == 200
    assert answer.json()["reference"] != first.manifest.reference
    row = submission(both, second)
    assert row is not None
    assert (row.what, row.team) == ("gone-since", "")
    said = {each.what for each in audits(both) if each.about == f"submission:{second.manifest.id}"}
    assert said == {"submission_without_team", "submission_reference_changed"}


def audits(served: Served) -> list[Audit]:
    return served.run(served.house.read(lambda session: list(session.exec(select(Audit)))))


def a_begun_form_goes_with_its_ticket(both: Served) -> None:
    ticket = new_id()
    packet = packet_of(
        kind=HandedIn.BEGUN, what="bulky-waste", version=9, ticket=ticket, answers={"what": "a sofa"}
    )
    assert hand_in(both, packet).status_code == 200
    row = submission(both, packet)
    assert row is not None
    assert row.ticket_id == ticket
    assert dict(both.run(open_facts(both.house, packet.manifest.id)).answers) == {"what": "a sofa"}


def the_web_takes_in_what_it_made_itself(both: Served) -> None:
    packet = packet_of(
        kind=HandedIn.BEGUN, what="a-form", files={"photo-1.jpg": picture(exif=b"Exif\0\0" + b"x" * 90)}
    )
    taken = [
        both.run(
            take_in(
                both.house,
                both.actor("ada"),
                packet,
                centre_id=both.ids.centre,
                device_id=None,
                channel=Channel.WEB,
                made_at=both.house.clock.micros(),
            )
        )
        for _ in range(2)
    ]
    assert taken[0] == taken[1]
    (photo,) = documents(both, packet)
    assert photo.name == "photo-1.jpg"
    assert b"Exif" not in both.run(open_document(both.house, photo.id))


# One server for several of them: starting it is what takes time -------------------------------------------------------------


def test_what_is_handed_in_is_taken_in_once_and_whole(both: Served) -> None:
    three_pages_come_out_as_they_went_in_and_stand_nowhere_in_the_clear(both)
    sent_again_it_is_the_same_and_with_another_body_refused(both)
    sent_many_times_at_once_it_is_taken_in_once(both)
    a_second_server_that_was_quicker_leaves_one_submission(both)


def test_what_cannot_be_taken_in_is_refused(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    what_cannot_be_taken_is_refused_in_words_and_leaves_nothing(served)
    what_fails_at_the_last_step_leaves_no_piece(served)
    a_body_that_is_too_long_is_refused_before_it_is_read(served)
    what_is_no_json_elsewhere_is_refused(served)
    a_disk_that_is_full_amid_the_pieces_loses_nothing(served)
    assert "a file in it is not what it says it is" in caplog.text
    assert MARK not in caplog.text
    assert not [each for each in everything(served) if MARK.encode() in each]


def test_who_sends_slowly_is_asked_again_who_they_are_and_not_waited_for_for_ever(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    who_is_signed_off_while_they_send_is_refused(served)
    who_sends_a_byte_now_and_then_is_not_waited_for(served, monkeypatch)


def test_nothing_is_lost_over_what_can_be_put_right_later(served: Served) -> None:
    a_retired_purpose_and_a_taken_reference_lose_nobody_their_papers(served)
    a_begun_form_goes_with_its_ticket(served)
    the_web_takes_in_what_it_made_itself(served)
