"""Signing in, staying signed in and being cut off."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

import httpx
import pytest
import websockets
from sqlmodel import Session, col, select

from server.actions import devices, sessions, staff
from server.store.tables import Audit, BrowserSession, LoginTry, Staff
from server.web import passwords
from server.web.pages.account import WRONG
from tests.server.web.rehearsal import NOON, PASSWORD, TOKENS, Served, serving, sign_in, token_of
from wire.vocabulary import DeviceKind, Role


def is_in(client: httpx.Client) -> bool:
    return client.get("/counter").status_code == 200


def test_a_right_password_opens_a_session_whose_key_is_not_kept(served: Served) -> None:
    client = served.signed_in("priya")
    key = client.cookies["foyer_session"]
    kept = served.run(served.house.read(lambda session: session.exec(select(BrowserSession)).one()))
    assert is_in(client)
    assert key not in (kept.id, kept.csrf)
    assert len(kept.id) == 64


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(served: Served) -> None:
    client = served.client()
    cookie = sign_in(client, "priya").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie.split("foyer_session")[1].split("foyer_form")[0]


def test_with_tls_the_cookie_is_bound_to_this_host(sqlite_url: str) -> None:
    with serving(sqlite_url, secure_cookies=True) as running:
        answer = running.client().get("/sign-in")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-foyer_form=")
        assert "Secure" in cookie
        bound = {"csrf": "b" * 32, "username": "priya", "password": PASSWORD}
        by_form = running.client(headers={"cookie": f"__Host-foyer_form={bound['csrf']}"})
        given = by_form.post("/sign-in", data=bound).headers.get_list("set-cookie")
        assert given[0].startswith("__Host-foyer_session=")
        assert all(each.startswith("__Host-") and "; Secure" in each and "Path=/;" in each for each in given)
        spoken = running.client().get("/book?lang=pl").headers["set-cookie"]
        assert "__Host-foyer_language=pl" in spoken
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_unknown_names_and_wrong_passwords_are_answered_alike(served: Served) -> None:
    whole = passwords.hash_now(PASSWORD)
    _by_ada(served, lambda tx: staff.reset_password(tx, served.ids.staff["priya"], served.ids.centre, whole))
    said, times = [], []
    for username in ("priya", "nobody-of-that-name"):
        client = served.client()
        began = perf_counter()
        answer = sign_in(client, username, "not the password at all")
        times.append(perf_counter() - began)
        assert answer.status_code == 403
        assert WRONG in answer.text
        said.append(answer.text.replace(username, "").split("csrf")[0])
    assert said[0] == said[1]
    assert times[1] > 0.2 * times[0], "an unknown name must cost as much as a known one"


def test_a_disabled_account_is_answered_like_a_wrong_password(served: Served) -> None:
    disable = _by_ada(served, lambda tx: staff.disable(tx, served.ids.staff["priya"], served.ids.centre))
    assert disable is None
    assert WRONG in sign_in(served.client(), "priya").text


def _by_ada(served: Served, change):
    return served.run(served.house.change(served.actor("ada"), "test", change))


def test_guessing_one_account_is_slowed_down_even_side_by_side(served: Served) -> None:
    def guess(number: int) -> int:
        return sign_in(served.client(), "priya", f"guess number {number}").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(guess, range(12)))
    assert statuses.count(403) == sessions.MOST_HERE
    assert statuses.count(429) == 12 - sessions.MOST_HERE
    refused = sign_in(served.client(), "priya")
    assert refused.status_code == 429, (
        "the right password must wait as well, or waiting would tell which it is"
    )
    assert "Wait 15 minutes" in refused.text
    assert sign_in(served.client(), "tom").status_code == 303, "others at the same centre are not held up"


def test_after_the_wait_one_may_try_again(served: Served) -> None:
    hands = served.set_clock(NOON)
    for _ in range(sessions.MOST_HERE + 1):
        last = sign_in(served.client(), "priya", "wrong wrong wrong")
    assert last.status_code == 429
    hands.turn(sessions.TRY_WINDOW + timedelta(seconds=1))
    assert sign_in(served.client(), "priya").status_code == 303


def test_a_right_password_forgives_the_tries_before_it(served: Served) -> None:
    for _ in range(sessions.MOST_HERE - 1):
        sign_in(served.client(), "priya", "wrong wrong wrong")
    assert sign_in(served.client(), "priya").status_code == 303
    assert served.run(served.house.read(lambda session: list(session.exec(select(LoginTry))))) == []


def test_a_session_ends_when_it_is_not_used(served: Served) -> None:
    hands = served.set_clock(NOON)
    client = served.signed_in("priya")
    minutes = served.house.settings.idle_minutes
    hands.turn(timedelta(minutes=minutes - 1))
    served.app.state.identity.forget()
    assert is_in(client)
    hands.turn(timedelta(minutes=minutes - 1))
    served.app.state.identity.forget()
    assert is_in(client), "use counts anew from each use"
    hands.turn(timedelta(minutes=minutes + 2))
    served.app.state.identity.forget()
    assert not is_in(client)


def test_a_page_that_only_looks_by_itself_is_not_use(served: Served) -> None:
    hands = served.set_clock(NOON)
    idle, touched = served.signed_in("priya"), served.signed_in("tom")
    for _ in range(served.house.settings.idle_minutes // 5 + 1):
        hands.turn(timedelta(minutes=5))
        served.app.state.identity.forget()
        last = idle.get("/counter/now")
        assert touched.get("/counter/now", headers={"x-foyer-used": "yes"}).status_code == 200
    assert last.status_code == 303


def test_a_session_ends_after_its_longest_life_however_much_it_is_used(served: Served) -> None:
    hands = served.set_clock(NOON)
    client = served.signed_in("priya")
    for _ in range(served.house.settings.absolute_hours * 3 - 1):
        hands.turn(timedelta(minutes=20))
        served.app.state.identity.forget()
        assert is_in(client)
    hands.turn(timedelta(minutes=21))
    served.app.state.identity.forget()
    assert not is_in(client)


def test_signing_out_ends_the_session_itself_not_only_the_cookie(served: Served) -> None:
    client = served.signed_in("priya")
    key = client.cookies["foyer_session"]
    left = client.post("/sign-out", data={"csrf": token_of(client)})
    assert (left.status_code, left.headers["clear-site-data"]) == (303, '"cache"')
    thief = served.client(cookies={"foyer_session": key})
    assert thief.get("/counter").status_code == 303
    assert thief.get("/counter").headers["location"] == "/sign-in?next=/counter"


def test_disabling_ends_sessions_and_frees_the_counter(served: Served) -> None:
    served.sit("priya", "desk-2")
    client, admin = served.signed_in("priya"), served.signed_in("ada")
    path = f"/admin/staff/{served.ids.staff['priya']}/disable"
    assert admin.post(path, data={"csrf": token_of(admin)}).status_code == 303
    assert not is_in(client)
    served.sit("tom", "desk-2")


def test_a_role_taken_works_while_signed_in(served: Served) -> None:
    client, admin = served.signed_in("amina"), served.signed_in("ada")
    path = f"/admin/staff/{served.ids.staff['amina']}/roles"
    assert admin.post(path, data={"csrf": token_of(admin), "roles": "greeter"}).status_code == 303
    assert client.get("/counter").status_code == 403
    assert client.get("/floor").status_code == 200


async def _until_bye(url: str, cut, **connecting) -> str:
    async with websockets.connect(url, **connecting) as socket:
        await socket.send('{"type":"hello","protocol":1}')
        await asyncio.wait_for(socket.recv(), 5)
        await cut()
        async with asyncio.timeout(5):
            async for message in socket:
                if '"bye"' in str(message):
                    return str(message)
    return ""


async def test_a_live_socket_is_cut_within_seconds_of_disabling(served: Served) -> None:
    client = await asyncio.to_thread(served.signed_in, "priya")
    cookie = f"foyer_session={client.cookies['foyer_session']}"

    async def cut() -> None:
        disable = partial(staff.disable, staff_id=served.ids.staff["priya"], centre_id=served.ids.centre)
        await asyncio.to_thread(_by_ada, served, disable)

    url = served.url.replace("http", "ws") + "/ws/staff"
    assert '"signed_out"' in await _until_bye(url, cut, additional_headers={"Cookie": cookie})


async def test_a_live_socket_is_cut_within_seconds_of_revoking_the_device(served: Served) -> None:
    async def cut() -> None:
        device = served.ids.devices[DeviceKind.DISPLAY]
        revoke = partial(devices.revoke, device_id=device, centre_id=served.ids.centre)
        await asyncio.to_thread(_by_ada, served, revoke)

    url = served.url.replace("http", "ws") + "/ws/device"
    token = {"Authorization": f"Bearer {TOKENS[DeviceKind.DISPLAY]}"}
    assert '"revoked"' in await _until_bye(url, cut, additional_headers=token)


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "http://127.0.0.1.elsewhere.example"]
)
async def test_a_page_of_another_site_cannot_open_a_socket(served: Served, origin: str) -> None:
    client = await asyncio.to_thread(served.signed_in, "priya")
    headers = {"Cookie": f"foyer_session={client.cookies['foyer_session']}"}
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(
            served.url.replace("http", "ws") + "/ws/staff",
            origin=websockets.Origin(origin),
            additional_headers=headers,
        ):
            pass
    assert refused.value.response.status_code == 403


def test_a_one_time_password_lets_in_only_to_choose_another(served: Served) -> None:
    admin = served.signed_in("ada")
    token = token_of(admin)
    added = admin.post(
        "/admin/staff", data={"csrf": token, "username": "Noor", "name": "Noor Khan", "roles": "adviser"}
    )
    password = added.text.split('class="secret">')[1].split("<")[0]
    client = served.client()
    assert sign_in(client, "noor", password).status_code == 303
    for path in ("/counter", "/floor", "/", "/counter/now"):
        assert client.get(path).headers.get("location") == "/password", path
    form = {
        "csrf": token_of(client),
        "old": password,
        "new": "harbour violin teapot",
        "again": "harbour violin teapot",
    }
    assert client.post("/password", data=form).status_code == 303
    assert is_in(client)
    assert sign_in(served.client(), "noor", password).status_code == 403
    assert password not in admin.get("/admin/staff").text, "it is shown once"


def test_a_one_time_password_runs_out_and_ones_own_does_not(served: Served) -> None:
    hands = served.set_clock(NOON)
    hashed = passwords.hash_now("once-upon-a-time")

    def give(username: str):
        return lambda tx: staff.reset_password(tx, served.ids.staff[username], served.ids.centre, hashed)

    _by_ada(served, give("priya"))
    _by_ada(served, give("tom"))
    tom = served.client()
    assert sign_in(tom, "tom", "once-upon-a-time").status_code == 303
    own = {"csrf": token_of(tom), "old": "once-upon-a-time", "new": PASSWORD, "again": PASSWORD}
    assert tom.post("/password", data=own).status_code == 303
    hands.turn(staff.ONE_TIME_LIFE + timedelta(minutes=1))
    late = sign_in(served.client(), "priya", "once-upon-a-time")
    assert late.status_code == 403
    assert "has run out" in late.text
    assert "has run out" not in sign_in(served.client(), "priya", "another").text, "only who knows it is told"
    assert sign_in(served.client(), "tom").status_code == 303


def test_changing_the_password_ends_the_other_sessions(served: Served) -> None:
    here, there = served.signed_in("priya"), served.signed_in("priya")
    form = {
        "csrf": token_of(here),
        "old": PASSWORD,
        "new": "harbour violin teapot",
        "again": "harbour violin teapot",
    }
    assert here.post("/password", data=form).status_code == 303
    assert is_in(here)
    assert not is_in(there)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        (
            "not the old one",
            "harbour violin teapot",
            "harbour violin teapot",
            "Your present password is not right",
        ),
        (PASSWORD, "short", "short", "at least 12 characters"),
        (PASSWORD, "aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "easy to guess"),
        (PASSWORD, "L3icesterCouncil2026!", "L3icesterCouncil2026!", "easy to guess"),
        (PASSWORD, "harbour violin teapot ", "harbour violin teapot", "not the same"),
        (
            f"{PASSWORD} ",
            "harbour violin teapot",
            "harbour violin teapot",
            "Your present password is not right",
        ),
        (PASSWORD, "harbour violin teapot", "harbour violin teapots", "not the same"),
        (PASSWORD, PASSWORD, PASSWORD, "have not used here before"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    served: Served, old: str, new: str, again: str, said: str
) -> None:
    client = served.signed_in("priya")
    answer = client.post("/password", data={"csrf": token_of(client), "old": old, "new": new, "again": again})
    assert answer.status_code == 422
    assert said in answer.text


def test_somebody_with_several_centres_chooses_one_and_acts_only_there(served: Served) -> None:
    from server.store.tables import StaffRole

    def also_elsewhere(tx):
        tx.session().add(
            StaffRole(staff_id=served.ids.staff["priya"], centre_id=served.ids.other, role=Role.GREETER)
        )

    _by_ada(served, also_elsewhere)
    client = served.client()
    assert sign_in(client, "priya").headers["location"] == "/centre?next=/"
    token = token_of(client, "/centre")
    assert client.post("/centre", data={"csrf": token, "centre": str(served.ids.other)}).status_code == 303
    assert "Elsewhere" in client.get("/floor").text
    assert client.get("/counter").status_code == 403, "roles are per centre"
    assert client.post("/centre", data={"csrf": token, "centre": "999"}).status_code == 403


def test_signing_in_leads_only_to_places_of_ours(served: Served) -> None:
    for onward, where in (
        ("/floor", "/floor"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil", "/"),
    ):
        client = served.client()
        shown = client.get("/sign-in", params={"next": onward})
        token = shown.text.split('name="csrf" value="')[1].split('"')[0]
        form = {"csrf": token, "next": onward, "username": "priya", "password": PASSWORD}
        assert client.post("/sign-in", data=form).headers["location"] == where


def test_a_sign_in_form_of_another_browser_is_refused(served: Served) -> None:
    form = {"csrf": "made up", "username": "priya", "password": PASSWORD}
    assert served.client().post("/sign-in", data=form).status_code == 403
    client = served.client()
    token = client.get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    other_site = client.post(
        "/sign-in", data={**form, "csrf": token}, headers={"sec-fetch-site": "cross-site"}
    )
    assert other_site.status_code == 403


def test_passwords_are_argon2id_and_one_time_ones_differ() -> None:
    assert passwords.hash_now("x").startswith("$argon2id$")
    assert len({passwords.one_time_password() for _ in range(50)}) == 50
    assert all(passwords.fault_of(passwords.one_time_password()) is None for _ in range(20))


def test_a_password_is_taken_exactly_as_it_was_typed(served: Served) -> None:
    client = served.signed_in("priya")
    new = " Łódź harbour violin <teapot> "
    form = {"csrf": token_of(client), "old": PASSWORD, "new": new, "again": new}
    assert client.post("/password", data=form).status_code == 303
    assert sign_in(served.client(), "priya", new).status_code == 303
    for wrong in (new.strip(), new.casefold(), new[:-1]):
        assert sign_in(served.client(), "priya", wrong).status_code == 403


async def test_a_password_is_not_right_by_how_it_begins() -> None:
    longest = "abcdefghij" * (passwords.MOST_CHARACTERS // 10)
    kept = await passwords.hash_password(longest)
    assert await passwords.matches(longest, kept)
    assert not await passwords.matches(f"{longest}x", kept)


def test_words_of_the_house_make_no_password() -> None:
    for made_of_them in (
        "leicester2026",
        "Foyer-Council-1",
        "YorkHouse!!!99",
        "P@ssw0rd-1234",
        "qwerty-summer-7",
    ):
        assert passwords.fault_of(made_of_them), made_of_them
    assert passwords.fault_of("ada-lovelace1", "ada.lovelace")
    for good in ("4821 7736 9905 1248", "the counter sang gravely", "лестница и чайник", "!#/(=?)(/&%¤#!?="):
        assert passwords.fault_of(good) is None, good


def test_a_house_may_name_its_own_list_of_passwords_that_nobody_chooses(
    served: Served, tmp_path: Path
) -> None:
    named = tmp_path / "usual.txt"
    named.write_text("short\nMyDogIsCalledRex\r\nharbour violin teapot\n", encoding="utf-8")
    served.house.settings.usual_passwords = named
    client = served.signed_in("priya")

    def chosen(new: str) -> httpx.Response:
        return client.post(
            "/password", data={"csrf": token_of(client), "old": PASSWORD, "new": new, "again": new}
        )

    for usual in ("mydogiscalledrex", "Harbour Violin Teapot"):
        assert "easy to guess" in chosen(usual).text
    named.write_text("", encoding="utf-8")
    os.utime(named, ns=(1, 1))
    assert chosen("harbour violin teapot").status_code == 303, "it is read anew when it changes"
    named.unlink()
    for away in (named, tmp_path):  # gone, or no file at all: our own rules go on, and nobody is shut out
        served.house.settings.usual_passwords = away
        weak = client.post(
            "/password",
            data={"csrf": token_of(client), "old": "harbour violin teapot"}
            | dict.fromkeys(("new", "again"), "Council-2026-2026"),
        )
        assert (weak.status_code, "easy to guess" in weak.text) == (422, True)
    good = dict.fromkeys(("new", "again"), "harbour violin saucer")
    done = client.post("/password", data={"csrf": token_of(client), "old": "harbour violin teapot"} | good)
    assert done.status_code == 303


def test_who_was_not_let_in_stands_in_the_audit_of_their_centre(served: Served) -> None:
    sign_in(served.client(), "priya", "not the password at all")
    sign_in(served.client(), "my-password-by-mistake")
    page = served.signed_in("ada").get("/admin/audit?what=deed:sign_in_failed").text
    entries = page.split("<tbody>", 1)[1]
    assert entries.count("Tried to sign in and was not let in") == 2
    assert "priya (password)" in entries
    assert "127.0.0.1" in entries
    assert "by-mistake" not in page
    right = served.signed_in("ada").get("/admin/audit?what=deed:signed_in").text.split("<tbody>", 1)[1]
    assert right.count("<td>Signed in</td>") == 2
    means = select(Audit.detail).where(Audit.what == "signed_in")
    details = served.run(served.house.read(lambda session: session.exec(means).all()))
    assert [each["means"] for each in details] == ["password", "password"]


def test_what_is_tried_without_the_right_leaves_a_line_without_anybodys_word(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    client = served.signed_in("priya")
    assert client.get("/admin/staff/12345").status_code == 403
    assert client.post("/password", data={"csrf": "made-up", "old": "harbour"}).status_code == 403
    other = client.post(
        "/password", data={"csrf": token_of(client)}, headers={"sec-fetch-site": "cross-site"}
    )
    assert other.status_code == 403
    said = [record.getMessage() for record in caplog.records if record.name == "foyer.gate"]
    assert said == [
        "GET /admin/staff/{staff_id} was refused to somebody known as staff",
        "a form for /password came without its token",
        "a form for /password came from another site",
    ]


def test_signing_in_ends_who_was_signed_in_in_that_browser(served: Served) -> None:
    client = served.signed_in("priya")
    before = client.cookies["foyer_session"]
    token = token_of(client)
    bound = {"csrf": "bound-by-this", "username": "tom", "password": PASSWORD}
    client.cookies.set("foyer_form", "bound-by-this")
    assert token
    assert client.post("/sign-in", data=bound).status_code == 303
    served.app.state.identity.forget()
    assert client.cookies["foyer_session"] != before
    old = served.client()
    old.cookies.set("foyer_session", before)
    assert not is_in(old)


def test_the_time_of_the_last_sign_in_is_kept(served: Served) -> None:
    served.signed_in("priya")

    def seen(session: Session) -> object:
        return session.exec(select(Staff.seen_at).where(col(Staff.username) == "priya")).one()

    assert served.run(served.house.read(seen)) is not None


def test_the_idle_limit_is_said_as_a_watch_has_it(sqlite_url: str) -> None:
    """A rehearsal's clock runs fast and its limit with it; who reads the page counts real minutes."""
    with serving(sqlite_url, idle_minutes=900, clock_speed=15, demo=True) as fast:
        assert "after 60 minutes without use" in fast.client().get("/sign-in").text
