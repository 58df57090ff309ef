"""What somebody would try who wants into an account that is not theirs, keep its owner out, or borrow a desk that was left unlocked."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pyotp
import pytest
from sqlmodel import select, text

from demo.provider import TENANT, CouncilSignOn, Person
from server.actions import second_factors, sign_on
from server.connectors.sign_on import Provider
from server.domain.refusals import Refused
from server.domain.sign_on import NotLetIn, Why
from server.papers.keyring import open_keyring
from server.store.database import Database, open_database
from server.store.tables import BrowserSession, LoginTry, Staff
from server.store.tx import Tx
from server.web.commands import write_alone
from tests.server.web.rehearsal import Served, sign_in, token_of
from tests.server.web.test_second_factor import code_now, enrol, half, second
from tests.server.web.test_sign_on import (
    AMIRA,
    away,
    come,
    house,
    one_house,
    picked,
    provider,
    refusals,
    rows,
)
from tests.support.waiting import until
from wire.vocabulary import Role

__all__ = ["house", "one_house", "provider"]

BOSS = Person("Bo Sørensen", "bo@council.test", ("Foyer.Admin",))


def is_in(house: Served, client: Any, path: str = "/counter") -> bool:
    house.app.state.identity.forget()
    return bool(client.get(path).status_code == 200)


def give_administrators(house: Served, provider: CouncilSignOn) -> None:
    table = {Role.ADMINISTRATOR: ("Foyer.Admin",), Role.ADVISER: AMIRA.roles}
    change = partial(sign_on.set_table, centre_id=house.ids.centre, table=table)
    house.run(house.house.change(house.actor("ada"), "table", change))
    provider.people.append(BOSS)


def test_a_sign_on_that_does_not_say_when_it_asked_proves_nothing(
    house: Served, provider: CouncilSignOn
) -> None:
    """The address with `prompt=login` passes through the browser of whoever sits there."""
    give_administrators(house, provider)
    provider.more_claims["auth_time"] = None
    client = house.client()
    assert come(client, BOSS).headers["location"] == "/"
    asked = client.post("/admin/sign-on", data={"csrf": token_of(client, "/account")})
    assert asked.status_code == 403
    assert "did not say when it last asked you" in asked.text
    stripped = away(client, "/sign-on?again=yes&next=/admin/sign-on").replace("&prompt=login", "")
    client.get(picked(stripped, BOSS))
    assert client.post("/admin/sign-on", data={"csrf": token_of(client, "/account")}).status_code == 403
    provider.more_claims["auth_time"] = int(time.time())
    client.get(picked(away(client, "/sign-on?again=yes&next=/admin/sign-on"), BOSS))
    assert "did not say" not in client.post("/admin/sign-on", data={"csrf": "another's"}).text


def test_a_form_of_another_page_is_not_carried_past_the_question(
    house: Served, provider: CouncilSignOn
) -> None:
    give_administrators(house, provider)
    provider.more_claims["auth_time"] = int(time.time()) - 3600
    client = house.client()
    come(client, BOSS)
    csrf = token_of(client, "/account")
    form = {"csrf": csrf, "of_administrator": "Foyer.Everybody"}
    for sent in (
        client.post("/admin/sign-on", data={**form, "csrf": "guessed"}),
        client.post("/admin/sign-on", data=form, headers={"sec-fetch-site": "same-site"}),
    ):
        assert sent.status_code == 403
        assert "Is it still you" not in sent.text
    assert "Is it still you" in client.post("/admin/sign-on", data=form).text
    asked = client.post("/admin/releases/rollout/go-on", data={"csrf": csrf})
    assert "Is it still you" in asked.text
    stopped = client.post("/admin/releases/rollout/pause", data={"csrf": csrf})
    assert "Is it still you" not in stopped.text, "what stops something is not asked about"
    by_program = client.post("/admin/sign-on", data=form, headers={"accept": "application/json"})
    assert by_program.status_code == 403
    assert by_program.json()["refusal"]["code"] == "not_allowed"


def test_what_was_said_of_a_session_is_not_said_of_a_later_one(
    house: Served, provider: CouncilSignOn
) -> None:
    client, said = house.client(), house.client()
    come(client)
    now = int(time.time())
    for claims in ({"sid": f"sid-{AMIRA.oid}"}, {"oid": AMIRA.oid, "tid": TENANT}):
        old = provider.logout_token(**claims, iat=now - 600, exp=now + 3600)
        assert said.post("/sign-on/logged-out", data={"logout_token": old}).status_code == 200
        assert is_in(house, client), "a token of ten minutes ago is about another session"
    refused: list[dict[str, Any]] = [
        {"jti": None},
        {"tid": None, "sub": AMIRA.oid},
        {"aud": ["another", "third"]},
    ]
    for each in refused:
        token = provider.logout_token(**{"oid": AMIRA.oid, "tid": TENANT, **each})
        assert said.post("/sign-on/logged-out", data={"logout_token": token}).status_code == 400, each
    assert is_in(house, client)
    fresh = provider.logout_token(sid=f"sid-{AMIRA.oid}")
    assert said.post("/sign-on/logged-out", data={"logout_token": fresh}).status_code == 200
    assert not is_in(house, client)


@pytest.mark.parametrize("sid", ["\0" * 12, "sid-\u2028\u200b-nobody", "x" * 5000, "'; drop table staff; --"])
def test_an_id_of_a_session_that_is_none_is_no_fault(house: Served, sid: str) -> None:
    before = rows(house, select(BrowserSession.ended_at))
    assert house.client().get("/sign-on/logged-out", params={"sid": sid}).status_code == 200
    assert rows(house, select(BrowserSession.ended_at)) == before


def test_a_key_that_signs_for_another_tenant_does_not_sign_for_us(
    house: Served, provider: CouncilSignOn
) -> None:
    provider.faults.add("another's key of that name")
    assert come(house.client()).status_code == 403
    assert refusals(house)[-1] == "key"


async def test_who_waits_while_another_asks_in_vain_does_not_ask_as_well() -> None:
    class Away(Provider):
        asked = 0

        async def _call(self, *_: Any, **__: Any) -> dict[str, Any]:
            self.asked += 1
            await asyncio.to_thread(lambda: None)  # so that the others come meanwhile
            raise NotLetIn(Why.UNREACHABLE)

    away_now = Away("https://council.test", "us", "tenant")
    assert await asyncio.gather(*(away_now.make_ready() for _ in range(20))) == [False] * 20
    assert away_now.asked == 1, "or the last of them would wait for two minutes"
    assert not await away_now.make_ready()
    assert away_now.asked == 2


def test_names_that_tries_are_counted_by_cannot_be_typed(house: Served) -> None:
    """Otherwise anybody could use up a person's tries at their code, or all tries at pairing a device, from the sign-in page."""
    number = house.ids.staff["ada"]
    for typed in (f"#code:{number}", f" #recovery:{number}", "##claim"):
        sign_in(house.client(), typed)
    counted = rows(house, select(LoginTry.username))
    assert f"code:{number}" in counted
    assert not [name for name in counted if name.startswith("#")]


def test_the_old_app_goes_on_until_the_new_one_is_seen(house: Served) -> None:
    """And an emergency account that is none any more is out, wherever it stood."""

    def emergency(on: bool) -> None:
        def make(tx: Any) -> None:
            sign_on.set_emergency(tx, tx.session().get_one(Staff, house.ids.staff["ada"]), on=on)

        house.run(house.house.change(house.actor("ada"), "test", make))

    emergency(on=True)
    client = house.client()
    sign_in(client, "ada")
    secret, codes = enrol(client)
    csrf = token_of(client, "/account")
    assert client.post("/account/second-factor/begin", data={"csrf": csrf}).status_code == 303
    begun = client.get("/account/second-factor").text
    assert "secret key" in begun
    assert is_in(house, client, "/admin/staff"), "who is called away is not without a factor"
    meanwhile = half(house, "ada")
    assert second(meanwhile, recovery=codes[0]).status_code == 303
    found = re.search(r'class="secret key">([A-Z2-7 ]+)<', begun)
    assert found is not None
    new = found[1].replace(" ", "")
    assert (
        client.post("/account/second-factor", data={"csrf": csrf, "code": code_now(new)}).status_code == 200
    )
    again = half(house, "ada")
    assert second(again, code=code_now(secret, 1)).status_code == 403
    assert second(again, code=code_now(new, 1)).status_code == 303
    standing = half(house, "ada")
    emergency(on=False)
    assert not is_in(house, again, "/admin/staff")
    assert standing.get("/sign-in/code").headers["location"].startswith("/sign-in?")


def test_of_two_servers_asked_at_the_same_moment_one_takes_it(postgres_url: str, tmp_path: Path) -> None:
    """A code of the app, one of the list, and an answer of the council's sign-on: each is right once, at whichever server."""
    keyring = open_keyring(tmp_path / "keys")
    secret = second_factors.new_secret()
    with closing(open_database(postgres_url)) as one, closing(open_database(postgres_url)) as other:

        def prepare(tx: Tx) -> list[str]:
            tx.session().add(Staff(id=7, username="ada", name="Ada"))
            tx.session().flush()
            second_factors.begin(tx, 7, second_factors.sealed(secret, keyring))
            sign_on.send_away(tx, "state", "nonce", "verifier", "browser", "/")
            at = datetime.now(UTC) - timedelta(seconds=30)
            return second_factors.confirm(tx, 7, pyotp.TOTP(secret).at(at), at, keyring)

        paper, now = write_alone(one, prepare)[0], datetime.now(UTC)

        def take_code(tx: Tx) -> str:
            second_factors.take_code(tx, 7, pyotp.TOTP(secret).at(now), now, keyring)
            return "in"

        taking: dict[str, Callable[[Tx], object]] = {
            "code": take_code,
            "paper": lambda tx: str(second_factors.take_recovery(tx, 7, paper)),
            "answer": lambda tx: sign_on.take_back(tx, "state", "browser"),
        }
        for name, take in taking.items():
            assert [bool(each) for each in at_once(one, other, take)] == [True, False], name


def stands_before_a_lock(database: Database) -> bool:
    with database.session() as session:
        return (
            session.connection().execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first() is not None
        )


def at_once(one: Database, other: Database, take: Callable[[Tx], object]) -> list[object]:
    """What each is answered when the second asks between the first one's taking and its commit; None when refused."""
    taken, asking, over = Event(), Event(), Event()

    def first(tx: Tx) -> object:
        found = take(tx)
        taken.set()
        assert asking.wait(20)
        until(lambda: over.is_set() or stands_before_a_lock(one), what="the other")
        return found

    def second_one(tx: Tx) -> object:
        asking.set()
        try:
            return take(tx)
        except Refused:
            return None
        finally:
            over.set()

    with ThreadPoolExecutor(2) as pool:
        begun = pool.submit(write_alone, one, first)
        assert taken.wait(20)
        late = pool.submit(write_alone, other, second_one)
        return [begun.result(30), late.result(30)]
