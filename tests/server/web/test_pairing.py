"""A device from its first word to the last."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from server.actions import devices
from tests.server.web.rehearsal import NOON, TOKENS, Served, serving, token_of
from wire.vocabulary import CODE_LETTERS, DeviceKind


def asked(client: httpx.Client, kind: str = "kiosk", name: str = "") -> dict[str, str]:
    answer = client.post("/api/enrol", json={"kind": kind, "name": name})
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json()
    return told


def claim(client: httpx.Client, told: dict[str, str]) -> httpx.Response:
    return client.post("/api/enrol/claim", json={"enrolment": told["enrolment"], "secret": told["secret"]})


def approve(served: Served, code: str, **form: str) -> httpx.Response:
    admin = served.signed_in("ada")
    return admin.post("/admin/devices/approve", data={"csrf": token_of(admin), "code": code, **form})


def test_a_kiosk_is_paired_and_gets_its_token_once(served: Served) -> None:
    client = served.client()
    told = asked(client, name="By the door")
    assert set(told) == {"enrolment", "secret", "code", "expires_seconds"}
    assert len(told["code"]) == 6
    assert claim(client, told).status_code == 202
    assert approve(served, f" {told['code'][:3].lower()}-{told['code'][3:]} ").status_code == 303
    given = claim(client, told)
    assert given.status_code == 200
    assert given.json()["centre"] == "york-house"
    assert "set-cookie" not in given.headers, "a kiosk keeps its token itself"
    shown = served.signed_in("ada").get("/admin/devices").text
    assert "By the door" in shown
    assert given.json()["token"] not in shown


def test_a_token_given_lets_the_device_in(served: Served) -> None:
    client = served.client()
    told = asked(client)
    approve(served, told["code"])
    token = claim(client, told).json()["token"]

    async def who() -> object:
        from starlette.requests import HTTPConnection

        scope = {
            "type": "http",
            "headers": [(b"authorization", f"Bearer {token}".encode())],
            "client": ("127.0.0.1", 1),
        }
        return await served.app.state.identity.device(HTTPConnection(scope))

    caller = served.run(who())
    assert caller is not None
    assert caller.actor.centre == served.ids.centre


def test_an_answer_lost_on_the_way_can_be_had_again_for_a_minute_and_voids_the_first(served: Served) -> None:
    hands = served.set_clock(NOON)
    client = served.client()
    told = asked(client)
    approve(served, told["code"])
    first, second = claim(client, told).json()["token"], claim(client, told).json()["token"]
    assert first != second
    hands.turn(devices.LOST_ANSWER + timedelta(seconds=1))
    late = claim(client, told)
    assert late.status_code == 410
    assert "paired already" in late.json()["refusal"]["say"]


def test_a_token_that_was_used_is_not_given_again(served: Served) -> None:
    client = served.client()
    told = asked(client)
    approve(served, told["code"])
    device = claim(client, told).json()["device"]

    def seen(tx) -> None:
        from server.clock import from_micros
        from server.store.tables import Device

        tx.session().get_one(Device, device).seen_at = from_micros(tx.now)

    served.run(served.house.change(served.kiosk(), "seen", seen))
    assert claim(client, told).status_code == 410


def test_a_display_gets_a_cookie_no_script_can_read(served: Served) -> None:
    client = served.client()
    told = asked(client, "display")
    approve(served, told["code"])
    cookie = claim(client, told).headers["set-cookie"]
    assert cookie.startswith("foyer_device=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    other = asked(client, "display")
    approve(served, other["code"])
    by_page = {"enrolment": other["enrolment"], "secret": other["secret"]}
    given = client.post("/api/enrol/claim", json=by_page, headers={"origin": served.url})
    assert (given.status_code, sorted(given.json())) == (200, ["centre", "device"])
    token = given.headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert token not in given.text, "and a page, which always says its origin, is not told it otherwise"


def test_with_tls_a_displays_cookie_is_bound_to_this_host_and_an_earlier_one_still_known(
    sqlite_url: str,
) -> None:
    with serving(sqlite_url, secure_cookies=True) as running:
        client = running.client()
        client.cookies.set("foyer_device", TOKENS[DeviceKind.DISPLAY])
        cookie = client.get("/display").headers["set-cookie"]
        assert cookie.startswith(f"__Host-foyer_device={TOKENS[DeviceKind.DISPLAY]};")
        assert "Secure" in cookie
        assert "Path=/;" in cookie


def test_each_issuing_point_gets_a_letter_of_its_own(served: Served) -> None:
    letters = []
    for kind in ("kiosk", "scan_station", "kiosk"):
        client = served.client()
        told = asked(client, kind)
        approve(served, told["code"])
    shown = served.signed_in("ada").get("/admin/devices").text
    letters = [letter for letter in CODE_LETTERS if f"<td>{letter}</td>" in shown]
    assert letters == ["A", "B", "C", "K", "M"]


def test_a_revoked_kiosks_letter_is_free_only_when_no_ticket_of_today_bears_it(served: Served) -> None:
    served.visitor()  # K01
    kiosk = served.kiosk().id
    admin = served.signed_in("ada")
    assert admin.post(f"/admin/devices/{kiosk}/revoke", data={"csrf": token_of(admin)}).status_code == 303

    def letter(tx) -> str | None:
        from server.clock import from_micros
        from server.store.tables import Device

        for taken in "ABCDEFGHJ":
            tx.session().add(
                Device(
                    centre_id=1,
                    kind="kiosk",
                    name=taken,
                    letter=taken,
                    token_hash=taken,
                    approved_at=from_micros(tx.now),
                )
            )
        tx.session().flush()
        return devices._letter_for(tx.session(), devices.DeviceKind.KIOSK, 1, from_micros(tx.now))

    assert served.run(served.house.change(served.actor("ada"), "letter", letter)) == "L"


def test_a_sign_needs_its_counter(served: Served) -> None:
    told = asked(served.client(), "sign")
    without = approve(served, told["code"])
    assert without.status_code == 422
    assert "Choose which counter" in without.text
    assert told["code"] in without.text, "what was typed is kept"
    assert approve(served, told["code"], counter="desk-2").status_code == 303


def test_a_code_is_over_after_a_quarter_of_an_hour(served: Served) -> None:
    hands = served.set_clock(NOON)
    client = served.client()
    told = asked(client)
    hands.turn(devices.ENROLMENT_LIFE + timedelta(seconds=1))
    assert approve(served, told["code"]).status_code == 404
    assert claim(client, told).status_code == 410


def test_a_wrong_secret_gets_nothing_and_guessing_is_stopped(served: Served) -> None:
    client = served.client()
    told = asked(client)
    approve(served, told["code"])
    wrong = {**told, "secret": "x" * 43}
    assert [claim(client, wrong).status_code for _ in range(devices.MOST_GUESSES)] == [
        404
    ] * devices.MOST_GUESSES
    assert claim(client, wrong).status_code == 429
    assert claim(client, told).status_code == 429


def test_guessing_pairing_codes_is_stopped_even_for_an_administrator(served: Served) -> None:
    admin = served.signed_in("ada")
    form = {"csrf": token_of(admin), "code": "AAAAAA"}
    statuses = [
        admin.post("/admin/devices/approve", data=form).status_code for _ in range(devices.MOST_GUESSES + 1)
    ]
    assert statuses == [404] * devices.MOST_GUESSES + [429]


def test_one_address_cannot_open_enrolments_without_end(served: Served) -> None:
    client = served.client()
    for _ in range(devices.MOST_OPEN_HERE):
        asked(client)
    answer = client.post("/api/enrol", json={"kind": "kiosk", "name": ""})
    assert answer.status_code == 429
    assert answer.json()["refusal"]["code"] == "try_later"


@pytest.mark.parametrize(
    "body",
    [{}, {"kind": "toaster"}, {"kind": "kiosk", "name": "x" * 201}, {"kind": "kiosk", "more": 1}, [], "text"],
)
def test_a_malformed_wish_is_refused_plainly(served: Served, body: object) -> None:
    answer = served.client().post("/api/enrol", json=body)
    assert answer.status_code == 422
    assert answer.json()["refusal"]["code"] == "malformed"


def test_the_code_is_nowhere_to_be_seen_but_on_the_device(served: Served) -> None:
    told = asked(served.client())
    assert told["code"] not in served.signed_in("ada").get("/admin/devices").text
