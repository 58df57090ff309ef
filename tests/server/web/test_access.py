"""Every route has a rule, every rule a route, and the rules are those that were agreed; every ask is tried as everybody (routes: `test_nobody_gets_further`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from server.domain.access import ASKS, NOBODY, ROUTES, Actor
from server.web.gate import guard
from tests.server.web.rehearsal import PASSWORD, PEOPLE, TOKENS, Served, serving, sign_in, token_of
from wire import asks
from wire.vocabulary import DeviceKind, RefusalCode, Role, new_id


def every_route(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from every_route(inner.routes)
        else:
            yield route


def keys_of(route: BaseRoute) -> set[tuple[str, str]]:
    if isinstance(route, WebSocketRoute):
        return {("WEBSOCKET", route.path)}
    assert isinstance(route, Route), f"{route} is not a kind of route whose rule can be checked"
    return {(method, route.path) for method in (route.methods or ()) if method != "HEAD"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from server.store.schema import migrate_address

    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    with serving(address) as running:
        yield running


def test_every_route_has_a_rule_and_every_rule_a_route(house: Served) -> None:
    routes = list(every_route(house.app.routes))
    assert not [route for route in routes if isinstance(route, Mount)], "a mount would hide its routes"
    found = set().union(*(keys_of(route) for route in routes))
    assert found == set(ROUTES)


def test_every_page_and_document_is_behind_the_guard(house: Served) -> None:
    for route in every_route(house.app.routes):
        if isinstance(route, WebSocketRoute):
            continue
        assert isinstance(route, APIRoute), f"{route} cannot be guarded by a dependency"
    # Routers are included with the guard, so it is enough that none hangs on the application itself.
    bare = [route for route in house.app.routes if isinstance(route, APIRoute) and not _is_guarded(route)]
    assert bare == []


def _is_guarded(route: APIRoute) -> bool:
    return any(each.dependency is guard for each in route.dependencies)


ROLE_INITIALS = {
    "G": Role.GREETER,
    "A": Role.ADVISER,
    "M": Role.MANAGER,
    "D": Role.ADMINISTRATOR,
    "P": Role.PARTNER,
    "S": Role.PAPERS,
    "F": Role.PERSONS,
}
AGREED_ASKS = {
    "GAMP": {
        "arrive_booking",
        "mark_booking",
        "book",
        "amend_booking",
        "move_booking",
        "cancel_booking",
    },
    "GAM": {
        "take_attention",
        "done_attention",
        "make_discreet",
        "keep_apart",
        "safe_room",
        "take_concern",
        "done_concern",
        "uncount",
        "block_time",
        "unblock_time",
    },
    "GA": {
        "transfer",
        "cancel",
        "undo",
        "add_note",
        "add_need",
        "amend",
        "merge",
        "withdraw",
        "welcome",
        "print_ticket",
        "count",
        "door_help",
    },
    "GAS": {"see_paper", "unsee_paper"},
    "GM": {"call_ticket", "prioritise", "free_counter"},
    "M": {"recount"},
    "A": {
        "go_on",
        "hand_over",
        "sit_down",
        "get_up",
        "take_break",
        "end_break",
        "call_next",
        "recall",
        "arrive",
        "no_show",
        "park",
        "unpark",
        "finish",
        "serve_booking",
    },
    "": {
        "issue",
        "paper",
        "help",
        "health",
        "set_aside",
        "leave",
        "printed",
        "self_test",
        "check_in",
        "look_up_booking",
        "rate",
        "use",
        "open_on_pc",
        "pc_is",
    },
}
AGREED_OPEN = (
    "/",
    "/sign-in",
    "/api/enrol",
    "/api/v1/openapi.json",
    "/calendar/",
    "/static/",
    "/display",
    "/pc",
    "/online",
    "/hand-in/",
    "/speech",
    "/t/",
    "/health/",
    "/metrics",
    "/public",
    # Anybody may book, and see what their own link or reference is for; Notify shows a bearer of its own.
    "/book",
    "/b/",
    "/check-in/",
    # How a visit was, and what became of what one told the council.
    "/how-was-it/",
    "/what-became-of-it",
    "/api/notify/",
)


def test_staff_may_ask_what_was_agreed_and_nothing_else() -> None:
    """Written out a second time on purpose: a slip in the table must not be what the other tests go by."""
    for initials, wanted in AGREED_ASKS.items():
        roles = {ROLE_INITIALS[initial] for initial in initials}
        assert {ask for ask, rule in ASKS.items() if rule.roles == roles and not rule.signed_in} == wanted
    assert not [ask for ask, rule in ASKS.items() if rule.everybody or rule.signed_in]
    assert [ask for ask, rule in ASKS.items() if rule.visitor] == ["leave"]


AGREED_PAGES = (
    ("/admin/audit", "MO"),
    ("/admin/messages", "MO"),
    ("/admin/emergency", "GMO"),  # paper is printed by whoever is there when it is needed
    ("/admin", "O"),
    ("/appointments/import", "M"),
    ("/appointments/waits", "M"),
    ("/appointments/people", "MO"),
    ("/appointments/broken", "AGMO"),
    ("/appointments", "AGMP"),
    ("/figures/persons/me", "AGMODPSF"),  # everybody's own
    ("/figures/definitions", "AGMODPSF"),
    ("/figures/persons", "F"),
    ("/figures", "M"),
    ("/floor/ticket/{ticket_id}/qr", "AG"),
    ("/floor", "AGM"),
    ("/greeter/begun", "AG"),
    ("/papers/seen", "AGS"),
    ("/papers/figures", "MO"),
    ("/papers/{submission_id}/look", "AS"),
    ("/papers/{submission_id}/files/{document_id}/{number}.jpg", "AS"),
    ("/papers", "S"),
    ("/counter/ask", "AGMODPSF"),  # each ask has its own rule
    ("/counter", "A"),
)
"""By the beginning of the path; the first that fits."""
PAGE_INITIALS = {
    "A": Role.ADVISER,
    "G": Role.GREETER,
    "M": Role.MANAGER,
    "O": Role.ADMINISTRATOR,
    "D": Role.DISCREET,
    "P": Role.PARTNER,
    "S": Role.PAPERS,
    "F": Role.PERSONS,
}


def test_pages_are_for_whom_was_agreed() -> None:
    for (_method, path), rule in ROUTES.items():
        initials = next((who for start, who in AGREED_PAGES if path.startswith(start)), None)
        if rule.everybody:
            assert path.startswith(AGREED_OPEN), path
            assert initials is None, path
        elif initials is not None:
            assert rule.roles == {PAGE_INITIALS[each] for each in initials}, path
            assert not rule.signed_in, path


WHO = ("nobody", *PEOPLE, "elsewhere", *(f"device {kind.value}" for kind in DeviceKind))


def actor_of(house: Served, who: str) -> Actor:
    if who == "nobody":
        return NOBODY
    if who.startswith("device "):
        kind = DeviceKind(who.removeprefix("device "))
        return Actor(kind="device", id=house.ids.devices[kind], centre=house.ids.centre, device=kind)
    if who == "elsewhere":
        return Actor(kind="staff", id=house.ids.staff["olga"], centre=house.ids.other, roles=frozenset(Role))
    return house.actor(who)


def client_of(house: Served, who: str) -> httpx.Client:
    if who == "nobody":
        return house.client()
    if who.startswith("device "):
        token = TOKENS[DeviceKind(who.removeprefix("device "))]
        return house.client(headers={"Authorization": f"Bearer {token}"})
    return house.signed_in("olga" if who == "elsewhere" else who)


FILLED = {
    "{submission_id}": "0" * 32,
    "{document_id}": "0" * 32,
    "{sighting_id}": "0" * 32,
    "{staff_id}": "999999",
    "{device_id}": "999999",
    "{import_id}": "999999",
    "{event_id}": "999999",
    "{ticket_id}": "0" * 32,
    "{number}": "999999",
    "{path:path}": "staff.css",
    "{name}": "nothing",
    "{feed_id}": "999999",
    "{key_id}": "999999",
    "{hook_id}": "999999",
    "{form_id}": "999999",
    "{version}": "999999",
    "{carried_id}": "0" * 64,
    "{deed}": "pause",
    "{plan_id}": "999999",
    "{report_id}": "0" * 32,
    "{topic}": "footfall",
    "{call_id}": "0" * 32,
    "{nonce}": "0" * 32,
    "{centre}": "york-house",
    "{service}": "council-tax",
    "{hold}": "0" * 32,
    "{reference}": "BCDF-3467",
    "{secret}": "nothing-that-is-a-secret",
    "{step}": "name",
    "{link}": "nothing-that-is-a-link",
}


def filled(path: str) -> str:
    for name, value in FILLED.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("number", ["2147483648", "9" * 25])
def test_a_number_that_no_row_can_have_is_not_there(house: Served, number: str) -> None:
    numbers = ("{number}", "{staff_id}", "{device_id}", "{import_id}", "{feed_id}", "{key_id}", "{hook_id}")
    with closing(house.signed_in("max")) as client:
        token = token_of(client)
        for (method, path), rule in ROUTES.items():
            if rule.lets_in(actor_of(house, "max")) and any(each in path for each in numbers):
                for each in numbers:
                    path = path.replace(each, number)
                answer = client.request(method, filled(path), data={"csrf": token})
                assert answer.status_code == 404, (method, path, answer.status_code)


BODIES = {
    "see_paper": asks.SeePaper(sighting="9" * 32, seen="passport", case="for a test"),
    "unsee_paper": asks.UnseePaper(sighting="0" * 32, reason="for a test"),
    "issue": asks.Issue(
        visit="0" * 32, ticket="0" * 32, code="K99", service="no-such-service", follow_hash="0" * 64
    ),
    "paper": asks.Paper(ticket="0" * 32, paper="confirmed"),
    "help": asks.Help(request="1" * 32),
    "health": asks.Health(),
    "set_aside": asks.SetAside(entry="2" * 32, why="for a test"),
    "leave": asks.Leave(),
    "sit_down": asks.SitDown(counter="no-such-desk", services=("no-such-service",)),
    "get_up": asks.GetUp(),
    "take_break": asks.TakeBreak(reason="lunch"),
    "end_break": asks.EndBreak(),
    "call_next": asks.CallNext(),
    "transfer": asks.Transfer(ticket="0" * 32, service="housing"),
    "finish": asks.Finish(ticket="0" * 32, outcome="resolved"),
    "count": asks.Count(tally="5" * 32, activity="telephone"),
    "door_help": asks.DoorHelp(tally="6" * 32, solved=True),
    "uncount": asks.Uncount(tally="7" * 32),
    "recount": asks.Recount(tally="0" * 32, new="8" * 32, reason="for a test"),
    "check_in": asks.CheckIn(
        visit="a" * 32,
        ticket="b" * 32,
        code="K98",
        reference="BCDFGHJK",
        otherwise="housing",
        follow_hash="a" * 64,
    ),
    "look_up_booking": asks.LookUpBooking(reference="BCDFGHJK"),
    "rate": asks.Rate(rating="9" * 32, score=5),
    "use": asks.Use(use="8" * 32, kind="scan", ended="left"),
    "open_on_pc": asks.OpenOnPc(pc="1", portal="nothing-like-it"),
    "pc_is": asks.PcIs(rests=True),
    "arrive_booking": asks.ArriveBooking(booking="0" * 32, visit="1" * 32, ticket="2" * 32),
    "serve_booking": asks.ServeBooking(booking="0" * 32),
    "mark_booking": asks.MarkBooking(booking="0" * 32, mark="expected"),
    "book": asks.Book(booking="a" * 32, service="nothing-like-it", starts_at=0),
    "amend_booking": asks.AmendBooking(booking="0" * 32, people=2),
    "move_booking": asks.MoveBooking(booking="0" * 32, starts_at=0, reason="for a test"),
    "cancel_booking": asks.CancelBooking(booking="0" * 32, reason="for a test"),
    "block_time": asks.BlockTime(
        block="b" * 32, bookable=0, starts_at=0, ends_at=10**14, reason="for a test"
    ),
    "unblock_time": asks.UnblockTime(block="c" * 32),
    "add_note": asks.AddNote(ticket="0" * 32, note="for a test"),
    "add_need": asks.AddNeed(ticket="0" * 32, new="9" * 32, service="housing"),
    "go_on": asks.GoOn(ticket="0" * 32),
    "amend": asks.Amend(ticket="0" * 32, quick=True),
    "prioritise": asks.Prioritise(ticket="0" * 32, ticket_class="soon", reason="for a test"),
    "merge": asks.Merge(ticket="0" * 32, into="1" * 32),
    "withdraw": asks.Withdraw(ticket="0" * 32),
    "hand_over": asks.HandOver(to=1),
    "free_counter": asks.FreeCounter(counter="no-such-counter"),
    "take_attention": asks.TakeAttention(request="3" * 32),
    "done_attention": asks.DoneAttention(request="3" * 32),
    "welcome": asks.Welcome(visit="5" * 32, ticket="5" * 32, service="nothing-like-it"),
    "print_ticket": asks.PrintTicket(job="5" * 32, ticket="0" * 32, device=1),
    "make_discreet": asks.MakeDiscreet(ticket="0" * 32),
    "keep_apart": asks.KeepApart(ticket="0" * 32),
    "safe_room": asks.SafeRoom(request="5" * 32, ticket="0" * 32),
    "alarm": asks.Alarm(request="6" * 32),
    "printed": asks.Printed(job="7" * 32, paper="not_printed"),
    "self_test": asks.SelfTest(findings=(asks.Finding(part="printer", fine=True),)),
    "take_concern": asks.TakeConcern(subject="no_show:0"),
    "done_concern": asks.DoneConcern(subject="no_show:0"),
    "announce": asks.Announce(announcement="4" * 32, text="For a test."),
    "end_announcement": asks.EndAnnouncement(announcement="4" * 32),
    "evacuate": asks.Evacuate(confirmed=True),
    "resume": asks.Resume(),
    **{
        name: kind(ticket="0" * 32)
        for name, kind in {
            "call_ticket": asks.CallTicket,
            "recall": asks.Recall,
            "arrive": asks.Arrive,
            "no_show": asks.NoShow,
            "park": asks.Park,
            "unpark": asks.Unpark,
            "cancel": asks.Cancel,
            "undo": asks.Undo,
        }.items()
    },
}


def test_every_ask_is_tried() -> None:
    assert set(BODIES) == set(ASKS)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("ask", sorted(ASKS))
def test_every_ask_is_taken_from_whom_its_rule_says_and_nobody_else(
    house: Served, who: str, ask: str
) -> None:
    actor = actor_of(house, who)
    if ask == "health" and actor.kind == "device":
        return  # would take the device's letters from the other tests' view; its rule is tried below
    answer = house.run(house.house.perform(actor, new_id(), BODIES[ask]))
    refused = answer.refusal.code if answer.refusal else None
    if ASKS[ask].lets_in(actor):
        assert refused not in (RefusalCode.NOT_ALLOWED, RefusalCode.NOT_SIGNED_IN)
    else:
        assert refused == (RefusalCode.NOT_SIGNED_IN if who == "nobody" else RefusalCode.NOT_ALLOWED)


def test_another_centres_ticket_is_as_if_it_were_not_there(house: Served) -> None:
    ticket, code, _secret = house.visitor()
    elsewhere = actor_of(house, "elsewhere")
    for name in ("call_ticket", "cancel", "undo"):
        if name == "call_ticket":
            house.ask(elsewhere, asks.SitDown(counter="desk-1", services=("council-tax",)))
        body = type(BODIES[name])(ticket=ticket)
        answer = house.run(house.house.perform(elsewhere, new_id(), body))
        assert answer.refusal is not None, name
        assert answer.refusal.code == RefusalCode.UNKNOWN, name
    with closing(house.signed_in("olga")) as client:
        for path in ("/counter/now", "/floor/now", "/admin/audit", "/admin/staff", "/admin/devices"):
            text = client.get(path).text
            assert code not in text, path
            assert "Priya Shah" not in text, path


def test_another_centres_accounts_and_devices_cannot_be_touched(house: Served) -> None:
    with closing(house.signed_in("olga")) as client:
        token = token_of(client)
        priya, kiosk = house.ids.staff["priya"], house.ids.devices[DeviceKind.KIOSK]
        for path in (
            f"/admin/staff/{priya}/roles",
            f"/admin/staff/{priya}/disable",
            f"/admin/staff/{priya}/reset",
            f"/admin/devices/{kiosk}/revoke",
        ):
            assert client.post(path, data={"csrf": token, "roles": "adviser"}).status_code == 404, path
    with closing(house.client()) as client:
        assert sign_in(client, "priya", PASSWORD).status_code == 303
