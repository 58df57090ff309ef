"""A door's counter over real HTTP: paired as any device, heard once however often it tells, refused in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from server.live.figures import read_figures
from server.store.tables import DoorCount, PastImport
from tests.server.web.rehearsal import NOON, TOKENS, Served, serving, token_of
from wire.vocabulary import DeviceKind

DAY = NOON.date()


@pytest.fixture
def both(database_url: str) -> Iterator[Served]:
    with serving(database_url) as running:
        running.set_clock(NOON)
        yield running


@pytest.fixture
def alone(served: Served) -> Served:
    """On SQLite only: for what no database has a part in."""
    served.set_clock(NOON)
    return served


TOKEN = {"Authorization": f"Bearer {TOKENS[DeviceKind.DOOR_COUNTER]}"}


@pytest.fixture
def door(both: Served) -> Iterator[httpx.Client]:
    with both.client(headers=TOKEN) as client:
        yield client


@pytest.fixture
def door_alone(alone: Served) -> Iterator[httpx.Client]:
    with alone.client(headers=TOKEN) as client:
        yield client


def span(hour: int = 9, went_in: Any = 12, went_out: Any = 9, **more: Any) -> dict[str, Any]:
    begins, ends = f"2026-11-03T{hour:02d}:00:00Z", f"2026-11-03T{hour + 1:02d}:00:00Z"
    return {"door": "Main door", "from": begins, "until": ends, "in": went_in, "out": went_out, **more}


def rows(served: Served) -> list[tuple[str, int, int]]:
    found = served.run(served.house.read(lambda session: list(session.exec(select(DoorCount)))))
    return [(str(row.counted_on), row.went_in, row.went_out) for row in found]


def test_a_span_is_taken_once_however_often_it_is_told(both: Served, door: httpx.Client) -> None:
    answer = door.post("/api/door", json=span())
    assert (answer.status_code, answer.json()) == (
        201,
        {"taken": 1, "known": 0, "today": {"in": 12, "out": 9}},
    )
    again = door.post("/api/door", json=[span(), span(10, 4, 5)])
    assert (again.status_code, again.json()) == (
        201,
        {"taken": 1, "known": 1, "today": {"in": 16, "out": 14}},
    )
    for _ in range(20):
        assert door.post("/api/door", json=span()).status_code == 200
    assert rows(both) == [("2026-11-03", 12, 9), ("2026-11-03", 4, 5)]


CANNOT_BE: list[tuple[Any, int, str]] = [
    (span(went_in=-1), 422, "in is less than nought"),
    (span(went_out=50_001), 422, "out is more than 50,000"),
    (span(went_in=1.5), 422, "in must be a whole number"),
    (span(went_in="5"), 422, "in must be a whole number"),
    (span(went_in=True), 422, "in must be a whole number"),
    (span(went_in=10**400), 422, "in is more than 50,000"),
    (span(12), 422, "has not come yet"),
    (span(until="2026-11-03T09:00:00Z"), 422, "until is not after from"),
    (span(**{"from": "2026-11-01T09:00:00Z"}), 422, "longer than a day"),
    (span(**{"from": "2026-11-02T20:00:00Z"}), 422, "goes over midnight"),
    (span(**{"from": "2026-11-03T09:00:00"}), 422, "with its offset"),
    (span(**{"from": "nine"}), 422, "with its offset"),
    (span(**{"from": None}), 422, "with its offset"),
    (
        span(**{"from": "2026-09-01T09:00:00Z", "until": "2026-09-01T10:00:00Z"}),
        422,
        "more than 31 days ago",
    ),
    (
        span(**{"from": "0001-01-01T00:00:00+14:00", "until": "0001-01-01T01:00:00+14:00"}),
        422,
        "the year 1. Set the counter's clock",
    ),
    (
        span(**{"from": "9999-12-31T22:00:00-12:00", "until": "9999-12-31T23:00:00-12:00"}),
        422,
        "the year 9999. Set the counter's clock",
    ),
    (span(door=7), 422, "door must be text"),
    (span(door="x" * 61), 422, "door must be text"),
    (span(**{"=cmd": 1}), 422, "not known: =cmd"),
    ("hello", 422, "is not an object"),
    ([], 422, "from 1 to 500"),
    ([span()] * 501, 422, "from 1 to 500"),
    (span(10, 5, 5), 409, "told before as 1 in and 1 out"),
    (
        span(**{"from": "2026-11-03T10:30:00Z", "until": "2026-11-03T11:30:00Z"}),
        409,
        "overlaps the span from 10:00 to 11:00",
    ),
]


def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_of_the_call_is_taken(
    both: Served, door: httpx.Client
) -> None:
    door.post("/api/door", json=span(10, 1, 1))
    for told, status, says in CANNOT_BE:
        whole = [span(8, 3, 3), *(told if isinstance(told, list) else [told])]
        for body in (told, whole if told and len(whole) <= 500 else told):
            answer = door.post("/api/door", json=body)
            assert answer.status_code == status, says
            assert says in answer.json()["refusal"]["say"]
    assert rows(both) == [("2026-11-03", 1, 1)]


def test_what_is_no_document_is_refused(alone: Served, door_alone: httpx.Client) -> None:
    for body in (b"", b"{", b"\xff\xfe", b"[" * 60_000, b"NaN"):
        answer = door_alone.post("/api/door", content=body)
        assert answer.status_code == 422, body[:9]
        assert answer.json()["refusal"]["say"]


def test_another_device_and_a_revoked_counter_are_not_heard(alone: Served, door_alone: httpx.Client) -> None:
    for kind in set(DeviceKind) - {DeviceKind.DOOR_COUNTER}:
        with alone.client(headers={"Authorization": f"Bearer {TOKENS[kind]}"}) as other:
            assert other.post("/api/door", json=span()).status_code == 403
    with alone.client() as nobody:
        assert nobody.post("/api/door", json=span()).status_code == 401
    admin = alone.signed_in("ada")
    number = alone.ids.devices[DeviceKind.DOOR_COUNTER]
    admin.post(f"/admin/devices/{number}/revoke", data={"csrf": token_of(admin)})
    admin.close()
    assert door_alone.post("/api/door", json=span()).status_code == 401
    assert rows(alone) == []


def test_a_counter_is_paired_as_any_device(alone: Served) -> None:
    with alone.client() as device:
        asked = device.post("/api/enrol", json={"kind": "door_counter", "name": "North door"}).json()
        admin = alone.signed_in("ada")
        form = {"csrf": token_of(admin), "code": asked["code"], "name": "", "counter": ""}
        assert admin.post("/admin/devices/approve", data=form).status_code in (200, 303)
        assert "North door" in admin.get("/admin/devices").text
        admin.close()
        claim = {"enrolment": asked["enrolment"], "secret": asked["secret"]}
        token = device.post("/api/enrol/claim", json=claim).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert device.post("/api/door", json=span(), headers=headers).status_code == 201


def test_the_day_begins_from_nought_and_stands_beside_what_was_counted(
    both: Served, door: httpx.Client
) -> None:
    yesterday = {"from": "2026-11-02T09:00:00Z", "until": "2026-11-02T17:00:00Z"}
    door.post("/api/door", json=[span(8, 40, 2), span(9, 10, 13), span(0, 7, 7, **yesterday)])
    both.visitor("council-tax")
    micros = both.house.clock.micros()
    seen = both.run(
        both.house.look(lambda c: read_figures(c, both.ids.centre, "York House", DAY, DAY, micros))
    )
    assert (seen.door.went_in, seen.door.went_out, seen.door.inside) == (50, 15, 35)
    assert (seen.door.counted, seen.door.difference) == (1, 49)
    client = both.signed_in("max")
    shown = client.get("/counts").text
    for word in ("Inside now, about", "<dd>35</dd>", "<dd>+49</dd>", "More came in than were counted"):
        assert word in shown
    assert "<dd>7</dd>" in client.get("/counts?first=2026-11-02").text
    client.close()


def test_a_doors_file_is_imported_whole_and_makes_room_when_taken_back(
    both: Served, door: httpx.Client
) -> None:
    client = both.signed_in("max")
    lines = "centre,door,from,until,in,out\n" + "".join(
        f"York House,Main door,2026-10-{day:02d} 09:00,2026-10-{day:02d} 17:00,{day},{day}\n"
        for day in range(1, 31)
    )

    def send(text: str) -> httpx.Response:
        return client.post(
            "/counts/import", data={"csrf": token_of(client)}, files={"file": ("door.csv", text)}
        )

    for _ in range(2):
        preview = send(lines)
        assert "<b>465</b> in and <b>465</b> out in 30 spans" in preview.text
        key = preview.text.split('name="key" value="', 1)[1].split('"', 1)[0]
        form = {"csrf": token_of(client), "key": key}
        assert client.post("/counts/import/enter", data=form).status_code == 303
        assert len(rows(both)) == 30
        overlapping = send(
            "centre,door,from,until,in,out\nYork House,Main door,2026-10-05 16:00,2026-10-05 18:00,1,1\n"
        )
        assert "counted at that time already" in overlapping.text
        live = span(0, 1, 1, **{"from": "2026-10-30T10:00:00Z", "until": "2026-10-30T11:00:00Z"})
        assert door.post("/api/door", json=live).status_code == 409
        (number,) = both.run(both.house.read(_standing))
        client.post(f"/counts/import/{number}/take-back", data={"csrf": token_of(client)})
        assert rows(both) == []
    client.close()


def _standing(session: Any) -> list[int]:
    made = session.exec(select(PastImport))
    return [each.id for each in made if each.withdrawn_at is None]


def test_a_span_over_midnight_counts_where_most_of_it_lies(both: Served, door: httpx.Client) -> None:
    both.set_clock(NOON - timedelta(hours=11))
    late = {"from": "2026-11-02T23:50:00Z", "until": "2026-11-03T00:05:00Z"}
    assert door.post("/api/door", json=span(0, 2, 0, **late)).status_code == 201
    assert rows(both) == [("2026-11-02", 2, 0)]
