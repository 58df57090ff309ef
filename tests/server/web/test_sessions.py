"""Sessions: seen, and ended one by one; begun only while what was judged still holds, going on under a new key when the password is new."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from threading import Event
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import col, delete, select

from server.actions import sessions, sign_on, staff
from server.domain.access import NOBODY
from server.domain.refusals import Refused
from server.jobs import turned_away
from server.store.tables import Audit, BrowserSession, LoginTry, RecoveryCode, SecondFactor, Staff
from server.store.tx import Tx
from server.web import passwords
from tests.server.web.rehearsal import PASSWORD, Served, password_hash, sign_in, token_of
from tests.server.web.test_second_factor import enrol
from tests.support.waiting import until
from wire.vocabulary import Role

NEW = "a harbour of quiet lanterns"


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


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36"


def signed_in_at(served: Served, username: str, says: str) -> httpx.Client:
    client = served.client(headers={"user-agent": says})
    assert sign_in(client, username).status_code == 303
    return client


def is_in(served: Served, client: httpx.Client) -> bool:
    served.app.state.identity.forget()
    return client.get("/account").status_code == 200


def places(page: str, action: str) -> dict[str, dict[str, str]]:
    """What each place on this page is called, with what the form that ends it holds; none for the one it is looked at from."""
    found = {}
    for each in re.findall(r'<li class="place">.*?</li>', page, re.S):
        form = re.search(rf'<form method="post" action="{action}".*?</form>', each, re.S)
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', form[0]) if form else []
        found[re.findall(r"<b>(.*?)</b>", each)[0]] = dict(fields)
    return found


def rows(served: Served, what: str) -> list[tuple[str, int | None]]:
    found = select(Audit.about, Audit.staff_id).where(Audit.what == what).order_by(col(Audit.id))
    return list(served.run(served.house.read(lambda session: session.exec(found).all())))


def test_one_ends_one_s_own_sign_ins_one_by_one(served: Served) -> None:
    priya = served.ids.staff["priya"]
    desk, phone = signed_in_at(served, "priya", FIREFOX), signed_in_at(served, "priya", PHONE)
    third, tom = signed_in_at(served, "priya", "curl/8.5.0"), served.signed_in("tom")
    shown = desk.get("/account").text
    listed = places(shown, "/account/sign-out-one")
    assert set(listed) == {"Firefox on a Linux computer", "Chrome on an Android phone", "An unknown browser"}
    assert listed["Firefox on a Linux computer"] == {}, "this one is marked, and ended by signing out"
    assert shown.count("Here, now") == 1
    end = listed["Chrome on an Android phone"]
    assert tom.post("/account/sign-out-one", data={**end, "csrf": token_of(tom)}).status_code == 303
    assert is_in(served, phone), "nobody ends somebody else's"
    assert desk.post("/account/sign-out-one", data={**end, "csrf": "x"}).status_code == 403
    before = len(rows(served, "session_ended"))
    for _ in range(2):
        assert desk.post("/account/sign-out-one", data=end).headers["location"] == "/account#places-h"
    assert [is_in(served, each) for each in (desk, phone, third)] == [True, False, True]
    assert rows(served, "session_ended")[before:] == [(f"staff:{priya}", priya)], "twice is once"
    told = select(BrowserSession.browser).distinct()
    kept = served.run(served.house.read(lambda session: set(session.exec(told).all())))
    assert kept == set(listed), "these words are kept, and nothing else of what a browser says"


def test_an_administrator_ends_one_or_all_of_a_person_s_sign_ins(served: Served) -> None:
    priya = served.ids.staff["priya"]
    desk, phone = signed_in_at(served, "priya", FIREFOX), signed_in_at(served, "priya", PHONE)
    ada, at = served.signed_in("ada"), f"/admin/staff/{priya}"
    page = ada.get(at).text
    listed = places(page, f"{at}/sign-out")
    assert set(listed) == {"Firefox on a Linux computer", "Chrome on an Android phone"}
    assert "127.0.0.1" not in page, "from where is in the audit"
    assert ada.post(f"{at}/sign-out", data=listed["Chrome on an Android phone"]).status_code == 303
    assert (is_in(served, desk), is_in(served, phone)) == (True, False)
    assert rows(served, "session_ended")[-1] == (f"staff:{priya}", served.ids.staff["ada"])
    tom, csrf = served.signed_in("tom"), token_of(ada)
    assert tom.post(f"{at}/sign-out", data={"csrf": token_of(tom)}).status_code == 403
    assert ada.post(f"{at}/sign-out", data={"csrf": csrf, "began": "all"}).status_code == 422
    assert is_in(served, desk)
    assert ada.post(f"{at}/sign-out", data={"csrf": csrf}).status_code == 303
    assert not is_in(served, desk)
    assert rows(served, "sessions_ended")[-1] == (f"staff:{priya}", served.ids.staff["ada"])
    assert places(ada.get(at).text, f"{at}/sign-out") == {}
    elsewhere = served.signed_in("priya")
    do(
        served,
        lambda tx: staff.write_roles(
            tx, tx.session().get_one(Staff, priya), served.ids.other, {Role.ADVISER}
        ),
    )
    refused = ada.post(f"{at}/sign-out", data={"csrf": csrf})
    assert (refused.status_code, is_in(served, elsewhere)) == (403, True)
    assert places(ada.get(at).text, f"{at}/sign-out") == {}, (
        "where somebody works for another house's administrators"
    )
    do(served, lambda tx: staff.write_roles(tx, tx.session().get_one(Staff, priya), served.ids.other, set()))


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

    def emergency(on: bool) -> None:
        do(served, lambda tx: sign_on.set_emergency(tx, tx.session().get_one(Staff, priya), on=on))

    emergency(on=True)
    answer = meanwhile(partial(sign_in, served.client(), "priya"), partial(emergency, on=False))
    assert (answer.status_code, open_sessions(served)) == (403, 0), "who may sign in by a password no more"
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


def test_who_guesses_from_everywhere_keeps_nobody_from_their_own_desk(served: Served) -> None:
    """A name is no secret. Whoever tries it from many addresses would otherwise keep its owner out for as long as they like."""
    with closing(served.signed_in("priya")):
        pass
    do(served, lambda tx: tx.session().exec(delete(LoginTry)))

    def admitted(tx: Tx, username: str, address: str, tries: int = 1) -> int:
        for number in range(tries):
            try:
                sessions.admit_try(tx, username, address.format(number))
            except Refused:
                return number
        return tries

    def guesses(tx: Tx) -> list[int]:
        many = sessions.MOST_ACCOUNT + 5
        return [
            admitted(tx, "priya", "203.0.113.{}", many),
            admitted(tx, "priya", "198.51.100.7"),
            admitted(tx, "priya", "127.0.0.1", many),
            admitted(tx, "nobody-of-ours", "203.0.113.{}", many),
            admitted(tx, "nobody-of-ours", "127.0.0.1"),
        ]

    def looked_for(tx: Tx) -> int:
        """How often it is looked up in the audit from where somebody signs in, by strangers who are turned away."""
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            if "FROM audit" in statement:
                seen.append(statement)

        engine = tx.session().connection().engine
        event.listen(engine, "before_cursor_execute", note)
        turned_away = sum(admitted(tx, "priya", f"192.0.2.{number}") == 0 for number in range(20))
        event.remove(engine, "before_cursor_execute", note)
        assert turned_away == 20
        return len(seen)

    assert served.run(served.house.change(NOBODY, "test", guesses)) == [
        sessions.MOST_ACCOUNT,
        0,
        sessions.MOST_HERE,
        sessions.MOST_ACCOUNT,
        0,
    ], "there they have the few tries that everybody has at one address"
    assert served.run(served.house.change(NOBODY, "test", looked_for)) <= 1, (
        "whoever is turned away costs little"
    )


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
