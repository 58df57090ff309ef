"""An authenticator app: set up, asked for, replayed, guessed at, lost; and showing again who one is before a grave act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from sqlmodel import col, delete, select

from server.actions import second_factors, staff
from server.domain.access import ROUTES, Rule
from server.papers.keyring import add_key, open_keyring
from server.settings import Settings
from server.store.tables import Audit, BrowserSession, LoginTry, RecoveryCode, SecondFactor, Staff
from server.web.grave import GRAVE
from tests.server.web.rehearsal import NOON, PASSWORD, PEOPLE, Served, serving, sign_in, token_in, token_of
from wire.vocabulary import Role


@pytest.fixture
def served(one_house: Served) -> Iterator[Served]:
    """One house for all, where nobody is signed in, has an app, or tried anything yet."""
    clock, policy = one_house.house.clock, one_house.house.settings.second_factor
    yield one_house
    one_house.house.clock = one_house.house.lane._clock = clock
    one_house.house.settings.second_factor = policy

    def clear(tx: Any) -> None:
        session = tx.session()
        for table in (RecoveryCode, SecondFactor, LoginTry, BrowserSession):
            session.exec(delete(table))
        for each in session.exec(select(Staff)):
            each.emergency, each.disabled_at = False, None
            session.add(each)
        priya = one_house.ids.staff["priya"]
        staff.write_roles(tx, session.get_one(Staff, priya), one_house.ids.centre, PEOPLE["priya"][1])

    one_house.run(one_house.house.change(one_house.actor("ada"), "clear", clear))
    one_house.app.state.identity.forget()


def code_now(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(datetime.now(UTC).timestamp()) // 30 + steps)


def enrol(client: httpx.Client) -> tuple[str, list[str]]:
    """Set up an app; its secret and the recovery codes."""
    csrf = token_of(client, "/account/second-factor")
    assert client.post("/account/second-factor/begin", data={"csrf": csrf}).status_code == 303
    shown = client.get("/account/second-factor").text
    found = re.search(r'class="secret key">([A-Z2-7 ]+)<', shown)
    assert found is not None
    secret = found[1].replace(" ", "")
    # The code of the step before, so that the present one is still to be had.
    done = client.post("/account/second-factor", data={"csrf": csrf, "code": code_now(secret, -1)})
    assert done.status_code == 200, done.text
    codes = re.findall(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){5})</li>", done.text)
    assert len(set(codes)) == second_factors.RECOVERY_CODES
    return secret, codes


def second(client: httpx.Client, **typed: str) -> httpx.Response:
    shown = client.get("/sign-in/code")
    return client.post("/sign-in/code", data={"csrf": token_in(shown.text), **typed})


def half(served: Served, username: str) -> httpx.Client:
    client = served.client()
    answer = sign_in(client, username)
    assert answer.headers["location"].startswith("/sign-in/code"), answer.text
    return client


def deeds(served: Served) -> list[str]:
    return list(served.run(served.house.read(lambda session: session.exec(select(Audit.what)).all())))


def test_with_an_app_the_password_alone_opens_nothing_and_no_code_works_twice(served: Served) -> None:
    no_code_works_twice(served)


def test_it_is_the_same_on_postgresql(postgres_url: str) -> None:
    with serving(postgres_url) as served:
        no_code_works_twice(served)


def no_code_works_twice(served: Served) -> None:
    first = served.signed_in("ada")
    other = served.signed_in("ada")
    secret, _ = enrol(first)
    assert first.get("/admin/staff").status_code == 200, "who set it up goes on, under a new key"
    served.app.state.identity.forget()
    assert other.get("/admin/staff").status_code == 303, "their other sessions have ended"

    client = half(served, "ada")
    assert client.get("/admin/staff").status_code == 303
    step_key = client.cookies["foyer_step"]
    sneaking = served.client(cookies={"foyer_session": step_key})
    assert sneaking.get("/admin/staff").status_code == 303, "half a session is none"
    assert second(client, code="000000").status_code == 403
    code = code_now(secret)
    assert second(client, code=code).headers["location"] == "/"
    assert client.get("/admin/staff").status_code == 200
    again = half(served, "ada")
    assert "used before" in second(again, code=code).text
    assert served.client(cookies={"foyer_step": step_key}).get("/sign-in/code").status_code == 303
    kept = served.run(served.house.read(lambda session: session.exec(select(SecondFactor)).one()))
    assert secret not in kept.secret


def test_each_recovery_code_works_once_and_stands_nowhere(served: Served) -> None:
    _secret, codes = enrol(served.signed_in("ada"))
    before = deeds(served).count("recovery_code_used")
    client = half(served, "ada")
    assert second(client, recovery=codes[0].upper().replace("-", " ")).status_code == 303
    assert client.get("/admin/staff").status_code == 200
    again = half(served, "ada")
    refused = second(again, recovery=codes[0])
    assert refused.status_code == 403
    assert "used before" in refused.text
    assert second(again, recovery=codes[1]).status_code == 303
    hashes = served.run(
        served.house.read(lambda session: list(session.exec(select(RecoveryCode.hash)).all()))
    )
    assert not {code.replace("-", "") for code in codes} & set(hashes)
    plain = [code.replace("-", "") for code in codes]
    assert all(len(code) * 5 >= 112 for code in plain), "fewer bits would need a slow hash"
    assert not {sha256(code.encode()).hexdigest() for code in plain} & set(hashes), (
        "each person's are hashed with them"
    )
    assert deeds(served).count("recovery_code_used") == before + 2


def test_guessing_at_codes_is_stopped_and_recovery_codes_still_work(served: Served) -> None:
    secret, codes = enrol(served.signed_in("ada"))
    client = half(served, "ada")
    answers = [second(client, code="000000").status_code for _ in range(second_factors.MOST_CODES + 1)]
    assert answers == [403] * second_factors.MOST_CODES + [429]
    assert second(client, code=code_now(secret)).status_code == 429, "the right one has to wait as well"
    assert second(client, recovery=codes[0]).status_code == 303


def test_a_half_session_runs_out_and_a_disabled_person_gets_no_further(served: Served) -> None:
    _secret, _ = enrol(served.signed_in("priya"))
    hands = served.set_clock(NOON)
    client = half(served, "priya")
    hands.turn(timedelta(minutes=11))
    assert client.get("/sign-in/code").headers["location"].startswith("/sign-in?")
    hands.turn(timedelta(minutes=20))
    client = half(served, "priya")
    ada = served.actor("ada")
    change = staff.disable
    served.run(
        served.house.change(
            ada, "disable", lambda tx: change(tx, served.ids.staff["priya"], served.ids.centre)
        )
    )
    assert client.get("/sign-in/code").status_code == 303


def test_administrators_must_set_one_up_where_that_is_asked_for(served: Served) -> None:
    served.house.settings.second_factor = "administrators"
    served.app.state.identity.forget()
    assert served.signed_in("priya").get("/counter").status_code == 200
    client = served.signed_in("ada")
    assert client.get("/admin/staff").headers["location"] == "/account/second-factor"
    assert client.get("/").headers["location"] == "/account/second-factor"
    blocked = client.post("/admin/staff", data={"csrf": token_of(client, "/account/second-factor")})
    assert blocked.status_code == 303
    enrol(client)
    assert client.get("/admin/staff").status_code == 200
    kept = client.post("/account/second-factor/remove", data={"csrf": token_of(client, "/account")})
    assert kept.status_code == 409
    assert "must have" in kept.text


def test_as_delivered_whoever_may_do_what_is_grave_must_have_one() -> None:
    assert Settings.model_fields["second_factor"].default == "administrators"
    others = {
        rule.roles for route in GRAVE if not route[1].startswith("/account/") if (rule := _rule_of(route))
    }
    assert others == {frozenset({Role.ADMINISTRATOR})}, (
        "nobody else can do anything that is asked about again"
    )


def _rule_of(route: tuple[str, str]) -> Rule:
    method, path = route
    return ROUTES.get(route) or ROUTES[(method, f"{path.rpartition('/')[0]}/{{deed}}")]


def test_only_another_administrator_takes_an_app_away(served: Served) -> None:
    enrol(served.signed_in("priya"))
    number = served.ids.staff["priya"]
    for username in ("tom", "max"):
        client = served.signed_in(username)
        answer = client.post(f"/admin/staff/{number}/factor", data={"csrf": token_of(client)})
        assert answer.status_code == 403
    ada = served.signed_in("ada")
    own = ada.post(f"/admin/staff/{served.ids.staff['ada']}/factor", data={"csrf": token_of(ada)})
    assert own.status_code == 403
    assert "Another administrator" in own.text
    for unsure in ({}, {"sure": ""}, {"sure": "they wrote an e-mail"}):
        asked = ada.post(f"/admin/staff/{number}/factor", data={"csrf": token_of(ada), **unsure})
        assert (asked.status_code, "Say how you made sure" in asked.text) == (422, True), unsure
    assert sign_in(served.client(), "priya").headers["location"].startswith("/sign-in/code")
    shown = re.findall(r'name="sure" value="(\w+)" required', ada.get(f"/admin/staff/{number}").text)
    assert shown == ["in_person", "called_back"]
    done = ada.post(f"/admin/staff/{number}/factor", data={"csrf": token_of(ada), "sure": "called_back"})
    assert done.status_code == 303
    assert sign_in(served.client(), "priya").headers["location"] == "/"
    assert "factor_reset" in deeds(served)
    assert "priya (was called back)" in ada.get("/admin/audit?what=deed:factor_reset").text


def test_the_app_works_on_with_a_new_key_on_top_of_the_house_s_file(served: Served) -> None:
    secret, _ = enrol(served.signed_in("ada"))
    house = served.house
    path = Path(house.settings.data) / "keys" / "papers.key"
    path = house.settings.paper_keys or path
    before = served.run(house.read(lambda session: session.exec(select(SecondFactor)).one())).secret
    add_key(path)
    house.keyring = open_keyring(path)
    assert second(half(served, "ada"), code=code_now(secret)).status_code == 303
    after = served.run(house.read(lambda session: session.exec(select(SecondFactor)).one())).secret
    assert after != before
    newest = type(house.keyring)(house.keyring.identities[:1])
    assert second_factors.opened(after, newest) == secret, "it was sealed anew with the new key"


def test_a_grave_act_asks_again_who_it_is_and_loses_nothing(served: Served) -> None:
    hands = served.set_clock(NOON)
    client = served.signed_in("ada")
    number, csrf = served.ids.staff["priya"], token_of(client)
    hands.turn(timedelta(minutes=served.house.settings.confirm_minutes + 5))
    served.app.state.identity.forget()
    asked = client.post(f"/admin/staff/{number}/roles", data={"csrf": csrf, "roles": ["manager", "greeter"]})
    assert asked.status_code == 403
    assert "Is it still you?" in asked.text
    assert roles_of(served, number) == {Role.ADVISER, Role.DISCREET}
    sent = dict.fromkeys(("csrf",), csrf) | {"where": f"/admin/staff/{number}/roles"}
    fields = re.findall(r'name="(carried\.[^"]+)" value="([^"]*)"', asked.text)
    assert fields == [("carried.roles", "manager"), ("carried.roles", "greeter")]
    wrong = client.post(
        "/confirm", data={**sent, "carried.roles": ["manager", "greeter"], "password": "no no no no no"}
    )
    assert wrong.status_code == 403
    assert "carried.roles" in wrong.text
    old_key = client.cookies["foyer_session"]
    right = client.post(
        "/confirm", data={**sent, "carried.roles": ["manager", "greeter"], "password": PASSWORD}
    )
    assert right.status_code == 200
    assert right.text.count('name="roles"') == 2
    assert client.cookies["foyer_session"] != old_key
    assert served.client(cookies={"foyer_session": old_key}).get("/admin/staff").status_code == 303
    done = client.post(f"/admin/staff/{number}/roles", data={"csrf": csrf, "roles": ["manager", "greeter"]})
    assert done.status_code == 303
    assert roles_of(served, number) == {Role.MANAGER, Role.GREETER}


def test_who_has_the_list_and_not_the_phone_shows_with_it_that_it_is_still_them(served: Served) -> None:
    hands = served.set_clock(NOON)
    client = served.signed_in("ada")
    _secret, codes = enrol(client)
    hands.turn(timedelta(minutes=served.house.settings.confirm_minutes + 5))
    served.app.state.identity.forget()
    form = {"csrf": token_of(client, "/account"), "where": "/account/second-factor/begin"}
    assert "Is it still you?" in client.post("/account/second-factor/begin", data=form).text
    wrong = client.post("/confirm", data={**form, "recovery": "not-one-of-them"})
    assert (wrong.status_code, '<details class="way-out" open>' in wrong.text) == (403, True)
    assert client.post("/confirm", data={**form, "recovery": codes[3]}).status_code == 200
    begun = client.post("/account/second-factor/begin", data={"csrf": token_of(client, "/account")})
    assert begun.headers["location"] == "/account/second-factor", "so they can set up their next phone"
    hands.turn(timedelta(minutes=served.house.settings.confirm_minutes + 5))
    served.app.state.identity.forget()
    again = {"csrf": token_of(client, "/account"), "where": "/", "recovery": codes[3]}
    assert client.post("/confirm", data=again).status_code == 403, "each once, here as well"


def roles_of(served: Served, number: int) -> set[Role]:
    from server.store.tables import StaffRole

    statement = select(StaffRole.role).where(StaffRole.staff_id == number)
    found = served.run(served.house.read(lambda session: session.exec(statement).all()))
    return {Role(each) for each in found}


def test_confirming_leads_nowhere_else(served: Served) -> None:
    client = served.signed_in("ada")
    data = {"csrf": token_of(client), "where": "https://elsewhere.test/", "password": PASSWORD}
    assert 'action="/"' in client.post("/confirm", data=data).text


def test_one_s_own_sessions_are_listed_and_ended(served: Served) -> None:
    here, there = served.signed_in("priya"), served.signed_in("priya")
    shown = here.get("/account").text
    assert shown.count("127.0.0.1") == 2
    assert "Here, now" in shown
    assert here.post("/account/sign-out-elsewhere", data={"csrf": token_of(here)}).status_code == 303
    served.app.state.identity.forget()
    assert there.get("/counter").status_code == 303
    assert here.get("/counter").status_code == 200
    left = served.run(
        served.house.read(
            lambda session: session.exec(
                select(BrowserSession).where(col(BrowserSession.ended_at).is_(None))
            ).all()
        )
    )
    assert len(left) == 1


@pytest.mark.parametrize("on", [True, False])
def test_an_emergency_account_needs_an_app_though_nobody_else_does(served: Served, on: bool) -> None:
    def make(session_tx) -> None:
        session_tx.session().get_one(Staff, served.ids.staff["priya"]).emergency = on

    served.run(served.house.change(served.actor("ada"), "test", make))
    where = served.signed_in("priya").get("/counter")
    assert where.status_code == (303 if on else 200)
