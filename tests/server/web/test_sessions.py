"""Sessions: begun only while what was judged still holds, going on under a new key when the password is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from threading import Event
from typing import Any

import httpx
import pytest
from sqlmodel import col, delete, select

from server.actions import sessions, staff
from server.domain.access import NOBODY
from server.domain.refusals import Refused
from server.jobs import turned_away
from server.store.schema import migrate_address
from server.store.tables import BrowserSession, LoginTry, RecoveryCode, SecondFactor, Staff
from server.store.tx import Tx
from server.web import passwords
from tests.server.web.rehearsal import PASSWORD, Served, password_hash, serving, sign_in, token_of
from tests.server.web.test_second_factor import enrol
from tests.support.waiting import until

NEW = "a harbour of quiet lanterns"


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    with serving(address) as running:
        yield running


@pytest.fixture
def served(one_house: Served) -> Iterator[Served]:
    """One house for all, where nobody is signed in, has an app, another password, or tried anything yet."""
    yield one_house

    def clear(tx: Tx) -> None:
        session = tx.session()
        tables: tuple[Any, ...] = (RecoveryCode, SecondFactor, LoginTry, BrowserSession)
        for table in tables:
            session.exec(delete(table))
        for each in session.exec(select(Staff)):
            each.disabled_at, each.must_change, each.password_hash = None, False, password_hash()

    one_house.run(one_house.house.change(one_house.actor("ada"), "clear", clear))
    one_house.app.state.identity.forget()


@contextmanager
def passwords_held_up() -> Iterator[None]:
    """No password is looked at until the block ends."""
    held, go_on = [Event(), Event()], Event()

    def stand(here: Event) -> None:
        here.set()
        go_on.wait(30)

    for each in held:
        passwords._pool.submit(stand, each)
    assert all(each.wait(20) for each in held)
    try:
        yield
    finally:
        go_on.set()


def meanwhile(ask: Callable[[], httpx.Response], change: Callable[[], object]) -> httpx.Response:
    """What `ask` is answered when `change` is done between its account being read and its password being looked at."""
    with ThreadPoolExecutor(1) as pool:
        with passwords_held_up():
            asked = pool.submit(ask)
            until(lambda: passwords._pool._work_queue.qsize() > 0, what="the password to be asked about")
            change()
        return asked.result(30)


def do(served: Served, change: Callable[[Tx], object]) -> None:
    served.run(served.house.change(served.actor("ada"), "test", change))


def as_before(tx: Tx, priya: int) -> None:
    was = {"password_hash": password_hash(), "disabled_at": None, "must_change": False}
    tx.session().get_one(Staff, priya).sqlmodel_update(was)


def open_sessions(served: Served) -> int:
    """Of Priya, and half ones too."""
    whose = (BrowserSession.staff_id == served.ids.staff["priya"], col(BrowserSession.ended_at).is_(None))
    return len(
        served.run(
            served.house.read(lambda session: session.exec(select(BrowserSession).where(*whose)).all())
        )
    )


def test_who_signs_in_while_the_account_is_changed_is_not_let_in_by_what_was(served: Served) -> None:
    """Whoever knows the old password could otherwise sign in all day and be in, once, after it was taken away."""
    priya, centre = served.ids.staff["priya"], served.ids.centre

    changes: dict[str, Callable[[], object]] = {
        "reset": lambda: do(
            served, partial(staff.reset_password, staff_id=priya, centre_id=centre, password_hash="x")
        ),
        "disabled": lambda: do(served, partial(staff.disable, staff_id=priya, centre_id=centre)),
    }
    for name, change in changes.items():
        client = served.client()
        answer = meanwhile(partial(sign_in, client, "priya"), change)
        assert (answer.status_code, open_sessions(served)) == (403, 0), name
        assert "foyer_session" not in client.cookies, name
        do(served, partial(as_before, priya=priya))
    desk = served.signed_in("priya")
    answer = meanwhile(partial(sign_in, served.client(), "priya"), partial(enrol, desk))
    assert answer.headers["location"].startswith("/sign-in/code"), "and an app that was set up is asked for"


def test_one_s_own_new_password_does_not_undo_what_an_administrator_did_meanwhile(served: Served) -> None:
    client = served.signed_in("priya")
    form = {"csrf": token_of(client), "old": PASSWORD, "new": NEW, "again": NEW}
    reset = partial(
        staff.reset_password,
        staff_id=served.ids.staff["priya"],
        centre_id=served.ids.centre,
        password_hash="one-time",
    )
    answer = meanwhile(partial(client.post, "/password", data=form), lambda: do(served, reset))
    kept = served.run(served.house.read(lambda s: s.get_one(Staff, served.ids.staff["priya"]).password_hash))
    assert (kept, answer.status_code >= 400) == ("one-time", True)


def test_with_a_new_password_the_session_goes_on_under_a_new_key(served: Served) -> None:
    client = served.signed_in("priya")
    stolen = served.client(cookies={"foyer_session": client.cookies["foyer_session"]})
    assert stolen.get("/counter").status_code == 200
    form = {"csrf": token_of(client), "old": PASSWORD, "new": NEW, "again": NEW}
    assert client.post("/password", data=form).status_code == 303
    assert client.get("/counter").status_code == 200
    assert stolen.get("/counter").status_code == 303, (
        "somebody else's copy of the cookie ended with the old password"
    )
    assert open_sessions(served) == 1


def test_a_household_of_addresses_is_one_address(served: Served) -> None:
    """Whoever has one line of IPv6 has 2^64 addresses; so many tries each would be no limit."""
    do(served, lambda tx: tx.session().exec(delete(LoginTry)))

    def tries(tx: Tx) -> int:
        admitted = 0
        for number in range(sessions.MOST_ADDRESS + 5):
            try:
                sessions.admit_try(tx, f"name-{number}", f"2001:db8:0:7::{number:x}")
            except Refused:
                break
            admitted += 1
        sessions.admit_try(tx, "name-0", "2001:db8:0:8::1")
        return admitted

    assert served.run(served.house.change(NOBODY, "test", tries)) == sessions.MOST_ADDRESS


def test_what_is_turned_away_is_a_line_a_minute_and_no_more(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    measured = served.house.measures.requests
    told = Counter(measured)
    with closing(served.client()) as client:
        for _ in range(sessions.MOST_HERE + 3):
            sign_in(client, "Zephyrine", "by-mistake")
        client.post("/api/enrol", json={"kind": "kiosk", "quillfeather": 1})
        client.post("/api/enrol", content=b"x" * 70_000, headers={"content-type": "application/json"})
        client.get("/sign-in", params={"next": "x" * 500})
    turned_away.tell(measured, told)
    turned_away.tell(measured, told)
    said = [each.getMessage() for each in caplog.records if "since the last look" in each.getMessage()]
    assert sorted(said) == [
        "answers 400 to POST /api/enrol since the last look: 1",
        "answers 422 to POST /api/enrol since the last look: 1",
        "answers 429 to POST /sign-in since the last look: 3",
    ]
