"""Other programs at the JSON API: booking from the first look to the last, who may what, and saying things twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from server.actions import api_keys, hooks
from server.store.sql import Sql, Statement, document
from tests.server.web.api.programs import (
    NOW,
    VISITOR,
    book,
    booking_house,
    forget_everything,
    hold,
    key_for,
    once,
    program,
)
from tests.server.web.rehearsal import SYSTEM, TOKENS, Hands, Served
from wire import asks
from wire.vocabulary import DeviceKind, Outcome, new_id

WEDNESDAY = "2026-11-25T10:00:00+00:00"


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Hands]]:
    with booking_house(str(tmp_path_factory.mktemp("api"))) as found:
        yield found


@pytest.fixture
def running(one_house: tuple[Served, Hands]) -> tuple[Served, Hands]:
    """The house with nothing booked, at nine."""
    house, hands = one_house
    hands.turn(NOW - hands.now())
    house.run(house.house.change(SYSTEM, "empty", forget_everything))
    return one_house


@pytest.fixture
def house(running: tuple[Served, Hands]) -> Served:
    return running[0]


def rows(house: Served, text: str) -> list[Any]:
    return house.run(house.house.look(lambda connection: Sql(connection).all(Statement(text))))


def refused(answer: httpx.Response, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["type"]) == (
        status,
        code,
        f"urn:foyer:refusal:{code}",
    )
    return str(problem["detail"])


def slots(client: httpx.Client, service: str = "council-tax", day: str = "2026-11-25") -> list[str]:
    at = f"/api/v1/centres/york-house/services/{service}/slots"
    answer = client.get(at, params={"from": day, "to": day})
    assert answer.status_code == 200, answer.text
    return [slot["starts_at"] for slot in answer.json()["items"][0]["slots"]]


def test_a_program_looks_holds_books_moves_and_cancels(house: Served) -> None:
    client = program(house, "read", "book")
    assert [each["slug"] for each in client.get("/api/v1/centres").json()["items"]] == ["york-house"]
    offered = client.get("/api/v1/centres/york-house/services").json()["items"]
    assert [each["slug"] for each in offered] == ["council-tax", "housing"]
    assert offered[1]["questions"][1]["choices"] == {"flat": {"en": "A flat"}, "house": {"en": "A house"}}
    assert WEDNESDAY in slots(client)
    made = book(client, WEDNESDAY)
    assert WEDNESDAY not in slots(client)
    assert (made["state"], made["channel"], made["starts_at"]) == ("booked", "api", WEDNESDAY)
    assert made["link"].startswith("https://queue.test/b/")
    at = f"/api/v1/appointments/{made['reference']}"
    moved = client.post(f"{at}/move", json={"starts_at": "2026-11-25T10:40:00Z"}, headers=once())
    assert (moved.status_code, moved.json()["starts_at"]) == (200, "2026-11-25T10:40:00+00:00")
    assert WEDNESDAY in slots(client)
    cancelled = client.post(f"{at}/cancel", json={"reason": "rang us"}, headers=once())
    assert cancelled.json()["state"] == "cancelled"
    assert client.get(at.replace("-", "").lower()).json()["state"] == "cancelled"
    assert [row[0] for row in rows(house, "SELECT channel FROM booking")] == ["api"]


def test_what_programs_do_is_told_to_webhooks_in_its_order(house: Served) -> None:
    add = partial(hooks.add, name="CRM", url="https://crm.invalid/", events=())
    hook, _ = house.run(house.house.change(house.actor("ada"), "add_hook", add))
    house.run(house.house.change(house.actor("ada"), "pause", partial(hooks.pause, hook_id=hook)))
    client = program(house, "book", services=("council-tax", "private"))
    at = f"/api/v1/appointments/{book(client)['reference']}"
    client.post(f"{at}/move", json={"starts_at": "2026-11-25T10:40:00Z"}, headers=once())
    client.post(f"{at}/cancel", json={}, headers=once())
    book(client, service="private")
    told = [
        (row[0], document(row[1])) for row in rows(house, "SELECT event, body FROM hook_call ORDER BY id")
    ]
    assert [event for event, _ in told] == ["booked", "moved", "cancelled"]
    assert told[1][1]["data"]["was_starts_at"] == WEDNESDAY
    assert [body["data"]["state"] for _, body in told] == ["booked", "booked", "cancelled"]
    assert len({body["sequence"] for _, body in told}) == 3


def test_what_became_of_it_on_the_floor_is_told(running: tuple[Served, Hands]) -> None:
    house, hands = running
    add = partial(hooks.add, name="CRM", url="https://crm.invalid/", events=("arrived", "served"))
    hook, _ = house.run(house.house.change(house.actor("ada"), "add_hook", add))
    house.run(house.house.change(house.actor("ada"), "pause", partial(hooks.pause, hook_id=hook)))
    client = program(house, "read", "book")
    at = f"/api/v1/appointments/{book(client)['reference']}"
    [(number,)] = rows(house, "SELECT id FROM booking")
    hands.turn(timedelta(hours=25))
    ticket = new_id()
    house.ask(house.actor("grace"), asks.ArriveBooking(booking=number, visit=new_id(), ticket=ticket))
    assert client.get(at).json()["state"] == "arrived"
    house.sit("priya")
    house.ask(house.actor("priya"), asks.ServeBooking(booking=number))
    house.ask(house.actor("priya"), asks.Arrive(ticket=ticket))
    assert client.get(at).json()["state"] == "arrived"
    house.ask(house.actor("priya"), asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))
    assert client.get(at).json()["state"] == "served"
    told = [
        document(row[0])["data"]["state"] for row in rows(house, "SELECT body FROM hook_call ORDER BY id")
    ]
    assert told == ["arrived", "served"]


def test_a_time_that_is_taken_is_refused_with_those_that_are_free(house: Served) -> None:
    client = program(house, "book")
    assert hold(client, WEDNESDAY).status_code == 201
    assert "10:20" in refused(hold(client, WEDNESDAY), 409, "closed")


def test_of_many_programs_at_once_one_gets_the_last_place(house: Served) -> None:
    clients = [program(house, "book") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: hold(client, WEDNESDAY).status_code, clients * 4))
    assert sorted(answers) == [201, *[409] * 15]


def test_the_same_said_twice_is_done_once_and_answered_alike(house: Served) -> None:
    client, key = program(house, "book"), once()
    body = {"centre": "york-house", "service": "council-tax", "starts_at": WEDNESDAY}
    first, second = (client.post("/api/v1/holds", json=body, headers=key) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    booking = {"hold": first.json()["hold"], "visitor": VISITOR}
    key = once()
    made = [client.post("/api/v1/appointments", json=booking, headers=key) for _ in range(3)]
    assert len({(each.status_code, each.content) for each in made}) == 1
    assert made[0].headers["location"] == f"/api/v1/appointments/{made[0].json()['reference']}"
    assert [row[0] for row in rows(house, "SELECT state FROM booking")] == ["booked"]
    other = {**body, "starts_at": "2026-11-25T11:00:00+00:00"}
    refused(client.post("/api/v1/holds", json=other, headers=key), 409, "id_reused")


def test_two_programs_may_have_the_same_idea_of_a_key(house: Served) -> None:
    key = once("the-same-key")
    body = {"centre": "york-house", "service": "council-tax"}
    for client, at in ((program(house, "book"), "10:00"), (program(house, "book"), "10:20")):
        said = {**body, "starts_at": f"2026-11-25T{at}:00+00:00"}
        assert client.post("/api/v1/holds", json=said, headers=key).status_code == 201


def test_what_is_kept_of_a_call_names_nobody(house: Served) -> None:
    book(program(house, "book", "names"))
    kept = "".join(str(row) for row in rows(house, "SELECT * FROM command")) + "".join(
        str(row) for row in rows(house, "SELECT * FROM audit")
    )
    assert "Meera" not in kept
    assert "900123" not in kept
    assert "dogs" not in kept


def test_names_are_told_to_keys_with_that_right_alone(house: Served) -> None:
    made = book(program(house, "book"))
    at = f"/api/v1/appointments/{made['reference']}"
    seen = program(house, "read", "names").get(at).json()
    assert (seen["visitor"]["name"], seen["visitor"]["phone"], seen["link"]) == (
        "Meera Patel",
        "+447700900123",
        None,
    )
    for rights in (("read",), ("book",), ("read", "book")):
        client = program(house, *rights)
        assert client.get(at).json()["visitor"] is None
        if "read" in rights:
            assert "Meera" not in client.get("/api/v1/appointments", params={"on": "2026-11-25"}).text


CHANGES = (
    ("POST", "/api/v1/holds"),
    ("DELETE", "/api/v1/holds/" + "0" * 32),
    ("POST", "/api/v1/appointments"),
    ("POST", "/api/v1/appointments/BCDF-3467/move"),
    ("POST", "/api/v1/appointments/BCDF-3467/cancel"),
)
BODIES = {
    "/api/v1/holds": {"centre": "york-house", "service": "council-tax", "starts_at": WEDNESDAY},
    "/api/v1/appointments": {"hold": "0" * 32, "visitor": {}},
    "/api/v1/appointments/BCDF-3467/move": {"starts_at": WEDNESDAY},
    "/api/v1/appointments/BCDF-3467/cancel": {},
}


def test_a_key_does_what_was_ticked_and_nothing_else(house: Served) -> None:
    reading, booking = program(house, "read", "names"), program(house, "book")
    for method, path in CHANGES:
        say = refused(
            reading.request(method, path, json=BODIES.get(path), headers=once()), 403, "not_allowed"
        )
        assert say.startswith("This key does not have the right")
        assert booking.request(method, path, json=BODIES.get(path), headers=once()).status_code in (201, 404)
    refused(booking.get("/api/v1/appointments", params={"on": "2026-11-25"}), 403, "not_allowed")


def test_who_shows_no_key_or_another_kind_of_key_is_not_let_in(house: Served) -> None:
    staff = house.signed_in("ada")
    paths = [("GET", "/api/v1/centres"), ("GET", "/api/v1/appointments?on=2026-11-25"), *CHANGES]
    for method, path in paths:
        answer = house.client().request(method, path, json=BODIES.get(path), headers=once())
        assert "Show a key" in refused(answer, 401, "not_signed_in")
        assert answer.headers["www-authenticate"] == "Bearer"
        wrong = {**once(), "authorization": "Bearer foyer_" + "A" * 43}
        refused(
            house.client().request(method, path, json=BODIES.get(path), headers=wrong), 401, "not_signed_in"
        )
        device = {**once(), "authorization": f"Bearer {TOKENS[DeviceKind.KIOSK]}"}
        refused(
            house.client().request(method, path, json=BODIES.get(path), headers=device), 403, "not_allowed"
        )
        refused(staff.request(method, path, json=BODIES.get(path), headers=once()), 403, "not_allowed")
    _, token = key_for(house, "read", "book", "names")
    for path in ("/admin/staff", "/counter", "/floor"):
        answer = house.client(headers={"authorization": f"Bearer {token}", "accept": "application/json"}).get(
            path
        )
        assert answer.status_code == 403, path


def test_a_revoked_key_ends_at_once_even_in_the_middle(house: Served) -> None:
    number, token = key_for(house, "read", "book")
    client = house.client(headers={"authorization": f"Bearer {token}"})
    held = hold(client).json()["hold"]  # it is remembered for two seconds that this key lets in
    revoke = partial(api_keys.revoke, key_id=number)
    house.run(house.house.change(house.actor("ada"), "revoke_key", revoke))
    body = {"hold": held, "visitor": VISITOR}
    answer = client.post("/api/v1/appointments", json=body, headers=once())
    refused(answer, 401, "not_signed_in")
    refused(client.get("/api/v1/appointments", params={"on": "2026-11-25"}), 401, "not_signed_in")
    assert [row[0] for row in rows(house, "SELECT state FROM booking")] == ["held"]


def test_a_discreet_service_is_there_for_keys_that_name_it(house: Served) -> None:
    usual, named = program(house, "read", "book"), program(house, "read", "book", services=("private",))
    refused(hold(usual, service="private"), 404, "unknown")
    made = book(named, service="private")
    at = f"/api/v1/appointments/{made['reference']}"
    refused(usual.get(at), 404, "unknown")
    refused(usual.post(f"{at}/cancel", json={}, headers=once()), 404, "unknown")
    assert usual.get("/api/v1/appointments", params={"on": "2026-11-25"}).json()["items"] == []
    assert [each["slug"] for each in named.get("/api/v1/centres/york-house/services").json()["items"]] == [
        "private"
    ]
    refused(hold(named), 404, "unknown")


def test_a_service_that_is_not_for_the_public_is_not_there(house: Served) -> None:
    refused(hold(program(house, "book"), service="parking"), 404, "unknown")


def test_what_the_service_asks_must_be_answered(house: Served) -> None:
    client = program(house, "book")
    held = hold(client, service="housing").json()["hold"]

    def say(**visitor: Any) -> str:
        body = {"hold": held, "visitor": {"name": "Meera Patel", **visitor}}
        return refused(client.post("/api/v1/appointments", json=body, headers=once()), 422, "malformed")

    assert "question bill" in say()
    assert "name" in say(name="", answers={"bill": "the last"})
    assert "does not ask colour" in say(answers={"bill": "the last", "colour": "red"})
    assert "one of its choices" in say(answers={"bill": "the last", "home": "a boat"})
    assert "telephone" in say(answers={"bill": "the last"}, phone="12")
    body = {"hold": held, "visitor": {**VISITOR, "answers": {"bill": "the last", "home": "flat"}}}
    assert client.post("/api/v1/appointments", json=body, headers=once()).status_code == 201


def test_a_hold_that_is_let_go_or_ran_out_is_anybodys(running: tuple[Served, Hands]) -> None:
    house, hands = running
    client, other = program(house, "book"), program(house, "book")
    held = hold(client).json()["hold"]
    assert client.delete(f"/api/v1/holds/{held}").status_code == 204
    refused(client.delete(f"/api/v1/holds/{held}"), 404, "unknown")
    held = hold(other).json()["hold"]
    hands.turn(timedelta(minutes=11))
    assert hold(client).status_code == 201
    late = other.post("/api/v1/appointments", json={"hold": held, "visitor": VISITOR}, headers=once())
    assert late.status_code in (404, 409)
    assert len(rows(house, "SELECT id FROM booking WHERE state = 'held'")) == 1


def test_a_days_appointments_come_page_by_page_without_gaps(house: Served) -> None:
    client = program(house, "read", "book")
    times = [f"2026-11-25T{at}:00+00:00" for at in ("10:00", "10:20", "10:40", "11:00", "11:20")]
    made = [book(client, at)["reference"] for at in times]
    client.post(f"/api/v1/appointments/{made[2]}/cancel", json={}, headers=once())
    hold(client, "2026-11-25T11:40:00+00:00")
    book(client, "2026-11-24T11:20:00+00:00")
    found: list[str] = []
    after: str | None = None
    for _ in range(5):
        params: dict[str, str | int] = {"on": "2026-11-25", "limit": 2, **({"after": after} if after else {})}
        sheet = client.get("/api/v1/appointments", params=params).json()
        assert len(sheet["items"]) <= 2
        found += [each["reference"] for each in sheet["items"]]
        if (after := sheet["next"]) is None:
            break
    assert found == [made[n] for n in (0, 1, 3, 4)]
    assert (
        client.get("/api/v1/appointments", params={"on": "2026-11-25", "service": "housing"}).json()["items"]
        == []
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"centre": "york-house", "service": "council-tax", "starts_at": 1764064800}',
        b'{"centre": "york-house", "service": "council-tax", "starts_at": "2026-11-25"}',
        b'{"centre": "york-house", "service": "council-tax", "starts_at": "2026-11-25T10:00:00"}',
        b'{"centre": "york-house", "service": "council-tax", "starts_at": "2026-02-30T10:00:00Z"}',
        b'{"centre": "york-house", "service": "council-tax", "starts_at": "2026-11-25T10:00:00Z", "x": 1}',
        b'{"centre": "York House", "service": "council-tax", "starts_at": "2026-11-25T10:00:00Z"}',
        b'{"centre": "\\ud800", "service": "council-tax", "starts_at": "2026-11-25T10:00:00Z"}',
        b"[" * 50_000,
    ],
)
def test_what_is_malformed_is_refused_and_not_repeated(house: Served, body: bytes) -> None:
    client = program(house, "book")
    headers = {**once(), "content-type": "application/json"}
    answer = client.post("/api/v1/holds", content=body, headers=headers)
    refused(answer, 400, "malformed")
    assert rows(house, "SELECT id FROM booking") == []


def test_more_than_is_taken_at_once_is_a_problem_too(house: Served) -> None:
    client = program(house, "book")
    headers = {**once(), "content-type": "application/json"}
    refused(client.post("/api/v1/holds", content=b" " * 100_000, headers=headers), 413, "too_large")


def test_a_change_without_a_key_of_its_own_is_refused(house: Served) -> None:
    client = program(house, "book")
    body = {"centre": "york-house", "service": "council-tax", "starts_at": WEDNESDAY}
    answer = client.post("/api/v1/holds", json=body)
    refused(answer, 400, "malformed")
    assert answer.json()["errors"] == [{"where": "header/Idempotency-Key", "say": "Field required"}]


def test_who_calls_too_often_is_told_when_to_come_again(house: Served) -> None:
    from server.web.throttle import Throttle

    usual = house.app.state.api_throttle
    client, other = program(house, "read"), program(house, "read")
    house.app.state.api_throttle = Throttle(per_minute=6, burst=3)
    try:
        answers = [client.get("/api/v1/centres") for _ in range(4)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        refused(answers[3], 429, "try_later")
        assert 1 <= int(answers[3].headers["retry-after"]) <= 10
        assert other.get("/api/v1/centres").status_code == 200
    finally:
        house.app.state.api_throttle = usual


def test_when_a_key_was_last_used_is_written_down(house: Served) -> None:
    number, token = key_for(house, "read")
    assert rows(house, f"SELECT used_at FROM api_key WHERE id = {number}")[0][0] is None
    house.client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/centres")
    assert rows(house, f"SELECT used_at FROM api_key WHERE id = {number}")[0][0] is not None


@pytest.mark.parametrize(
    "instant", ["2026-11-25T11:00:00+01:00", "2026-11-25T10:00:00.000Z", "2026-11-25t10:00:00z"]
)
def test_an_instant_is_read_in_any_offset(house: Served, instant: str) -> None:
    assert hold(program(house, "book"), instant).json()["starts_at"] == WEDNESDAY


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-25T10:00:60Z"]
)
def test_an_instant_beyond_every_calendar_is_just_not_free(house: Served, instant: str) -> None:
    assert hold(program(house, "book"), instant).status_code in (409, 422)


def test_another_centres_key_reaches_nothing_here(house: Served) -> None:
    from server.domain.access import Actor
    from wire.vocabulary import Role

    stranger = Actor(kind="staff", id=house.ids.staff["olga"], centre=house.ids.other, roles=frozenset(Role))
    make = partial(api_keys.make, name="CRM", rights=("read", "book", "names"), services=())
    _, token = house.run(house.house.change(stranger, "make_key", make))
    client = house.client(headers={"authorization": f"Bearer {token}"})
    made = book(program(house, "book"))
    assert client.get("/api/v1/centres").json()["items"][0]["slug"] == "elsewhere"
    refused(hold(client), 404, "unknown")
    refused(client.get(f"/api/v1/appointments/{made['reference']}"), 404, "unknown")
    refused(client.get("/api/v1/centres/york-house/services"), 404, "unknown")
    assert client.get("/api/v1/appointments", params={"on": "2026-11-25"}).json()["items"] == []
