"""Coming in by the council's sign-on, against one that really answers, and that misbehaves in every way we could think of."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import col, select

from demo.provider import (
    ANSWERING_FAULTS,
    CLAIM_FAULTS,
    CLIENT,
    SIGNING_FAULTS,
    TENANT,
    Application,
    CouncilSignOn,
    Person,
)
from server.actions import sign_on, tries
from server.actions.tries import Limit
from server.connectors import sign_on as line
from server.domain.access import SYSTEM
from server.store.sql import Statement
from server.store.tables import Audit, BrowserSession, SignOn, Staff, StaffRole, Trouble
from tests.server.web.rehearsal import PASSWORD, Served, serving, sign_in, token_of
from tests.server.web.test_second_factor import enrol, second
from wire.vocabulary import Role

HERE = "https://queue.test"
ADVISER = "Foyer.Adviser.york-house"
SECRET = "a-secret-of-the-app-registration"
AMIRA = Person("Amira Khan", "amira.khan@council.test", (ADVISER,))
IVAN = Person("Ivan Petrov", "ivan.petrov@council.test")


@pytest.fixture(scope="module")
def provider() -> Iterator[CouncilSignOn]:
    application = Application([f"{HERE}/sign-on/done"], secrets={SECRET})
    running = CouncilSignOn(application, [AMIRA, IVAN]).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory, provider: CouncilSignOn) -> Iterator[Served]:
    from server.store.schema import migrate_address

    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    with serving(address, **settings_for(provider)) as running:
        yield running


def settings_for(provider: CouncilSignOn) -> dict[str, Any]:
    return {
        "public_url": HERE,
        "sso_issuer": provider.issuer,
        "sso_client_id": CLIENT,
        "sso_client_secret": SECRET,
    }


@pytest.fixture
def house(one_house: Served, provider: CouncilSignOn) -> Iterator[Served]:
    """The same house, with the provider as it should be and nobody of the council known yet."""
    provider.faults.clear()
    provider.more_claims.clear()
    provider.people[:] = [AMIRA, IVAN]
    fresh = line.open_sign_on(one_house.house.settings)
    assert fresh is not None
    assert fresh.faults == ()
    one_house.house.sign_on = fresh
    centre = one_house.ids.centre

    def clear(tx: Any) -> None:
        session = tx.session()
        for each in session.exec(select(Staff).where(col(Staff.object_id).is_not(None))):
            each.object_id = each.tenant = None
            each.username = f"gone-{each.id}"
            session.add(each)
        sign_on.set_table(tx, centre, {Role.ADVISER: (ADVISER,)})

    one_house.run(one_house.house.change(one_house.actor("ada"), "clear", clear))
    return one_house


def away(client: httpx.Client, path: str = "/sign-on") -> str:
    answer = client.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def picked(where: str, person: Person) -> str:
    """What the browser does at the council; where it is sent back to, without the host."""
    answer = httpx.get(where, params={**dict(parse_one(where)), "as": person.oid}, verify=False)
    assert answer.status_code == 302, answer.text
    back = answer.headers["location"]
    assert back.startswith(f"{HERE}/sign-on/done?")
    return back.removeprefix(HERE)


def parse_one(where: str) -> list[tuple[str, str]]:
    return [(name, values[0]) for name, values in parse_qs(urlsplit(where).query).items()]


def come(client: httpx.Client, person: Person = AMIRA, path: str = "/sign-on") -> httpx.Response:
    return client.get(picked(away(client, path), person))


def rows(served: Served, statement: Any) -> list[Any]:
    return list(served.run(served.house.read(lambda session: session.exec(statement).all())))


def accounts(served: Served) -> list[tuple[Any, ...]]:
    kept = (Staff.id, Staff.username, Staff.object_id, StaffRole.centre_id, StaffRole.role)
    joined = select(*kept).join(StaffRole, col(StaffRole.staff_id) == col(Staff.id), isouter=True)
    return sorted(map(tuple, rows(served, joined)), key=str)


def refusals(served: Served) -> list[str]:
    found = rows(served, select(Audit.detail).where(Audit.what == "sign_on_refused").order_by(col(Audit.id)))
    return [each["why"] for each in found]


def test_who_comes_first_gets_an_account_with_the_roles_the_council_says(house: Served) -> None:
    client = house.client()
    answer = come(client, path="/sign-on?next=/counter")
    assert (answer.status_code, answer.headers["location"]) == (303, "/counter")
    assert client.get("/counter").status_code == 200
    assert client.get("/admin/staff").status_code == 403
    made = rows(house, select(Staff).where(Staff.object_id == AMIRA.oid))
    assert [(each.username, each.name, each.tenant) for each in made] == [
        ("amira.khan@council.test", "Amira Khan", TENANT)
    ]
    assert made[0].password_hash == ""
    kept = rows(house, select(BrowserSession).where(BrowserSession.staff_id == made[0].id))
    assert [(each.means, each.sso_session) for each in kept] == [("sso", f"sid-{AMIRA.oid}")]
    assert rows(house, select(SignOn)) == []


WHYS = {
    "another tenant": "tenant",
    "no tenant": "nobody",
    "another issuer": "issuer",
    "wrong audience": "audience",
    "wrong party": "audience",
    "two audiences and no party": "audience",
    "expired": "time",
    "not yet valid": "time",
    "made tomorrow": "time",
    "valid for a year": "time",
    "no end": "token",
    "no nonce": "nonce",
    "another nonce": "nonce",
    "replayed nonce": "nonce",
    "missing oid": "nobody",
    "e-mail only": "nobody",
    "oid is an address": "nobody",
    "roles are no list": "token",
    "huge": "token",
    "alg none": "algorithm",
    "HS256 by the public key": "algorithm",
    "unknown kid": "key",
    "another's key": "signature",
    "no kid": "key",
    "changed on the way": "signature",
    "no token": "token",
    "wrong content type": "code",
    "no JSON": "code",
    "endless": "unreachable",
    "server error": "unreachable",
    "redirects": "code",
    "mix-up": "issuer",
    "another state": "state",
}
"""Why each is refused: what is refused for another reason than its own would not be met if it came alone."""


def test_every_way_to_misbehave_is_tried() -> None:
    assert set(WHYS) == {*CLAIM_FAULTS, *SIGNING_FAULTS, *ANSWERING_FAULTS, "mix-up", "another state"}


@pytest.mark.parametrize("fault", WHYS)
def test_what_a_provider_should_not_say_lets_nobody_in_and_changes_nothing(
    house: Served, provider: CouncilSignOn, fault: str
) -> None:
    client = house.client()
    where = away(client)
    assert house.run(house.house.sign_on.make_ready()), "what is wrong is the answer, not its keys"
    if fault == "replayed nonce":
        come(house.client())
    before, refused = accounts(house), refusals(house)
    provider.faults.add(fault)
    answer = client.get(picked(where, AMIRA))
    assert answer.status_code == (503 if WHYS[fault] == "unreachable" else 403)
    assert '<p class="said">' in answer.text
    assert accounts(house) == before
    assert client.get("/counter").status_code == 303
    assert refusals(house) == [*refused, WHYS[fault]]


@pytest.mark.parametrize("fault", ["other issuer described", "endpoints elsewhere", "no JSON", "redirects"])
def test_a_provider_that_describes_itself_as_another_is_not_gone_to(
    house: Served, provider: CouncilSignOn, fault: str
) -> None:
    provider.faults.add(fault)
    client = house.client()
    answer = client.get("/sign-on")
    assert answer.status_code in (403, 503)
    assert '<p class="said">' in answer.text
    assert "/sign-in" in answer.text, "the emergency way is on the page"


def test_a_provider_that_is_slow_or_down_costs_seconds_and_a_sentence(
    house: Served, provider: CouncilSignOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SECONDS", 0.3)
    client = house.client()
    where = away(client)
    provider.faults.add("slow")
    answer = client.get(picked(where, AMIRA))
    assert answer.status_code == 503
    assert "cannot be reached now" in answer.text
    assert "emergency account" in answer.text
    gone = line.Provider(issuer=f"http://127.0.0.1:9/{TENANT}/v2.0", client_id=CLIENT, tenant=TENANT)
    house.house.sign_on = gone
    assert house.client().get("/sign-on").status_code == 503


def test_an_answer_works_once_in_the_browser_it_was_begun_in(house: Served) -> None:
    client, thief = house.client(), house.client()
    back = picked(away(client), AMIRA)
    away(thief)
    assert thief.get(back).status_code == 403
    assert client.get(back).status_code == 403, "whoever tried to take it used it up"
    back = picked(away(client), AMIRA)
    assert client.get(back).status_code == 303
    client.cookies.delete("foyer_session")
    assert client.get(back).status_code == 403
    assert client.get("/sign-on/done?code=x&state=never-made").status_code == 403


def test_of_two_answers_at_the_same_moment_one_counts(house: Served) -> None:
    client = house.client()
    back = picked(away(client), AMIRA)
    browsers = [house.client(cookies=dict(client.cookies)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(lambda each: each.get(back), browsers))
    assert statuses == [303, 403, 403, 403]


def test_another_code_s_verifier_does_not_fit(house: Served) -> None:
    """A code that was stolen on its way is of no use in a sign-in of the thief's own (RFC 7636, RFC 9700)."""
    victim, thief = house.client(), house.client()
    stolen = dict(parse_one(picked(away(victim), AMIRA)))["code"]
    own = dict(parse_one(away(thief)))["state"]
    assert thief.get("/sign-on/done", params={"code": stolen, "state": own}).status_code == 403
    assert thief.get("/counter").status_code == 303


def test_the_address_of_an_account_is_nobody_s_proof(house: Served, provider: CouncilSignOn) -> None:
    """Somebody of the council with the e-mail address or user name of an administrator here is not that administrator."""
    like_ada = Person("Ada Kowalska", "ada", (ADVISER,))
    provider.people.append(like_ada)
    provider.more_claims.update(email="ada", upn="ada")
    client = house.client()
    assert come(client, like_ada).status_code == 303
    assert client.get("/admin/staff").status_code == 403
    (made,) = rows(house, select(Staff).where(Staff.object_id == like_ada.oid))
    assert made.id != house.ids.staff["ada"]
    assert made.username.startswith("ada-")


def test_without_a_role_that_means_something_nobody_gets_an_account(
    house: Served, provider: CouncilSignOn
) -> None:
    before = accounts(house)
    answer = come(house.client(), IVAN)
    assert answer.status_code == 403
    assert "has not given you a role" in answer.text
    provider.more_claims.update(_claim_names={"groups": "src1"})
    assert "your groups and no role" in come(house.client(), IVAN).text
    assert accounts(house) == before
    assert refusals(house)[-2:] == ["role", "role"]


def test_roles_are_read_anew_and_go_when_the_council_takes_them(
    house: Served, provider: CouncilSignOn
) -> None:
    client = house.client()
    come(client)
    ada = house.actor("ada")
    table = {Role.ADVISER: (ADVISER,), Role.MANAGER: ("Foyer.Manager", "Team.Leads")}
    house.run(house.house.change(ada, "table", lambda tx: sign_on.set_table(tx, house.ids.centre, table)))
    provider.people[:] = [Person(AMIRA.name, AMIRA.username, ("Team.Leads",), AMIRA.oid)]
    again = house.client()
    assert come(again).status_code == 303
    assert again.get("/figures").status_code == 200
    assert again.get("/counter").status_code == 403
    provider.people[:] = [Person(AMIRA.name, AMIRA.username, (), AMIRA.oid)]
    last = house.client()
    assert come(last).status_code == 403
    house.app.state.identity.forget()
    assert again.get("/figures").status_code == 303, "what they had before is over as well"


def test_an_account_from_before_is_joined_by_an_administrator_s_own_act(house: Served) -> None:
    secret, _ = become_emergency(house)
    ada = house.client()
    sign_in(ada, "ada")
    assert second(ada, recovery=secret.pop()).status_code == 303
    number, csrf = house.ids.staff["tom"], token_of(ada)
    slip = ada.post(f"/admin/staff/{number}/sign-on", data={"csrf": csrf, "object_id": "tom@council.test"})
    assert slip.status_code == 422
    joined = ada.post(f"/admin/staff/{number}/sign-on", data={"csrf": csrf, "object_id": AMIRA.oid.upper()})
    assert joined.status_code == 303
    client = house.client()
    assert come(client).status_code == 303
    assert "Tom Baker" in client.get("/counter").text
    twice = ada.post(
        f"/admin/staff/{house.ids.staff['max']}/sign-on", data={"csrf": csrf, "object_id": AMIRA.oid}
    )
    assert "belongs to the account tom" in twice.text
    ada.post(f"/admin/staff/{number}/disable", data={"csrf": csrf, "anyway": "yes"})
    assert "is disabled" in come(house.client()).text
    ada.post(f"/admin/staff/{number}/enable", data={"csrf": csrf})


EMERGENCY: dict[str, tuple[list[str], str]] = {}


def become_emergency(house: Served) -> tuple[list[str], str]:
    """Ada's account is one for emergencies from now on, with an app; her recovery codes and the app's secret."""
    if house.url in EMERGENCY:
        return EMERGENCY[house.url]

    def make(tx: Any) -> None:
        sign_on.set_emergency(tx, tx.session().get_one(Staff, house.ids.staff["ada"]), on=True)

    house.run(house.house.change(house.actor("ada"), "test", make))
    client = house.client()
    assert sign_in(client, "ada").status_code == 303
    assert client.get("/admin/staff").headers["location"] == "/account/second-factor"
    secret, codes = enrol(client)
    EMERGENCY[house.url] = (codes, secret)
    return EMERGENCY[house.url]


def test_passwords_open_emergency_accounts_only_and_each_use_is_told(house: Served) -> None:
    refused, unknown = sign_in(house.client(), "priya"), sign_in(house.client(), "nobody-at-all")
    assert refused.status_code == unknown.status_code == 403
    assert refused.text.count("not right") == unknown.text.count("not right") == 1
    codes, _ = become_emergency(house)
    client = house.client()
    assert sign_in(client, "ada", PASSWORD).headers["location"].startswith("/sign-in/code")
    assert second(client, recovery=codes.pop()).status_code == 303
    assert "An emergency account was used" in client.get("/admin/sign-on").text
    (trouble,) = rows(house, select(Trouble).where(Trouble.subject == "emergency-account"))
    assert "ada" in trouble.say
    assert "emergency_used" in rows(house, select(Audit.what))
    client.post("/admin/sign-on/seen", data={"csrf": token_of(client)})
    assert rows(house, select(Trouble).where(Trouble.subject == "emergency-account")) == []


def test_a_new_key_is_met_at_once_and_strange_ones_do_not_make_us_ask_all_day(
    house: Served, provider: CouncilSignOn
) -> None:
    seconds = [1000.0]
    house.house.sign_on.seconds = lambda: seconds[0]
    assert come(house.client()).status_code == 303
    seconds[0] += 61
    provider.rotate()
    assert come(house.client()).status_code == 303
    asked = len([each for each in provider.asked if each.endswith("/keys")])
    provider.faults.add("unknown kid")
    for _ in range(5):
        assert come(house.client()).status_code == 403
    assert len([each for each in provider.asked if each.endswith("/keys")]) == asked
    provider.faults.clear()
    provider.rotate(keep=False)
    assert come(house.client()).status_code == 403, "within the minute nothing is fetched"
    seconds[0] += 61
    assert come(house.client()).status_code == 303


def test_signing_out_here_offers_to_sign_out_there_and_the_council_may_sign_out_too(
    house: Served, provider: CouncilSignOn
) -> None:
    client = house.client()
    come(client)
    left = client.post("/sign-out", data={"csrf": token_of(client, "/account")})
    assert left.headers["location"] == "/signed-out"
    shown = client.get("/signed-out").text
    assert f"{provider.url}/{TENANT}/oauth2/v2.0/logout?post_logout_redirect_uri=https" in shown

    def is_in(browser: httpx.Client) -> bool:
        house.app.state.identity.forget()
        return browser.get("/counter").status_code == 200

    come(client)
    assert client.get("/sign-on/logged-out", params={"sid": "sid-of-another", "iss": provider.issuer})
    assert is_in(client)
    client.get("/sign-on/logged-out", params={"sid": f"sid-{AMIRA.oid}", "iss": provider.issuer})
    assert not is_in(client)

    come(client)
    said = house.client()
    for token in (
        provider.logout_token(sid=f"sid-{AMIRA.oid}", aud="another"),
        provider.logout_token(sid=f"sid-{AMIRA.oid}", nonce="an-id-token-s"),
        provider.logout_token(sid=f"sid-{AMIRA.oid}", events={}),
        "no token at all",
    ):
        assert said.post("/sign-on/logged-out", data={"logout_token": token}).status_code == 400
    assert is_in(client)
    by_person = provider.logout_token(oid=AMIRA.oid, tid=TENANT)
    assert said.post("/sign-on/logged-out", data={"logout_token": by_person}).status_code == 200
    assert not is_in(client)


def test_a_sign_in_that_the_council_made_long_ago_is_no_proof_for_a_grave_act(
    house: Served, provider: CouncilSignOn
) -> None:
    import time

    ada = house.actor("ada")
    table = {Role.ADMINISTRATOR: ("Foyer.Admin",)}
    house.run(house.house.change(ada, "table", lambda tx: sign_on.set_table(tx, house.ids.centre, table)))
    boss = Person("Bo Sørensen", "bo@council.test", ("Foyer.Admin",))
    provider.people.append(boss)
    provider.more_claims["auth_time"] = int(time.time()) - 3600
    client = house.client()
    assert come(client, boss).status_code == 303
    form = {"csrf": token_of(client, "/account"), "of_administrator": "Foyer.Admin", "of_adviser": ADVISER}
    asked = client.post("/admin/sign-on", data=form)
    assert asked.status_code == 403
    assert "/sign-on?again=yes&amp;next=/admin/sign-on" in asked.text
    provider.more_claims["auth_time"] = int(time.time())
    where = away(client, "/sign-on?again=yes&next=/admin/sign-on")
    assert dict(parse_one(where))["prompt"] == "login"
    assert client.get(picked(where, boss)).headers["location"] == "/admin/sign-on"
    form["csrf"] = token_of(client, "/account")
    assert client.post("/admin/sign-on", data=form).status_code == 303
    assert client.post("/admin/sign-on", data={**form, "of_adviser": "é"}).status_code == 422


def test_onward_leads_nowhere_else(house: Served) -> None:
    client = house.client()
    assert come(client, path="/sign-on?next=https://elsewhere.test/").headers["location"] == "/"


def test_who_asks_all_day_fills_neither_the_table_nor_the_audit(
    house: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"sign_on": Limit(15, by_address=2), "sign_on_no": Limit(15, by_address=2)}
    monkeypatch.setattr(tries, "LIMITS", {**tries.LIMITS, **limits})
    house.run(house.house.change(SYSTEM, "test", lambda tx: tx.sql.run(Statement("DELETE FROM booking_try"))))
    client, before = house.client(), len(refusals(house))
    refused = [client.get(f"/sign-on/done?code=x&state=made-up-{number}") for number in range(4)]
    assert [each.status_code for each in refused] == [403] * 4
    assert len(refusals(house)) == before + 2
    assert [client.get("/sign-on").status_code for _ in range(3)] == [303, 303, 429]
    house.run(house.house.change(SYSTEM, "test", lambda tx: tx.sql.run(Statement("DELETE FROM booking_try"))))


def test_whoever_shows_again_who_they_are_comes_back_to_a_page(
    house: Served, provider: CouncilSignOn
) -> None:
    ada, number = house.actor("ada"), house.ids.staff["tom"]
    table = {Role.ADMINISTRATOR: ("Foyer.Admin",)}
    house.run(house.house.change(ada, "table", lambda tx: sign_on.set_table(tx, house.ids.centre, table)))
    boss = Person("Bo", "bo@council.test", ("Foyer.Admin",))
    provider.people.append(boss)
    provider.more_claims["auth_time"] = 1_700_000_000
    client = house.client()
    come(client, boss)
    asked = client.post(f"/admin/staff/{number}/roles", data={"csrf": token_of(client, "/account")})
    assert asked.status_code == 403
    assert f"next=/admin/staff/{number}&#34;" in asked.text.replace('"', "&#34;")
