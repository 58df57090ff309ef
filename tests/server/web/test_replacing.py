"""A dead kiosk is replaced by a spare: at once, without a code given twice, and without a ticket lost when the dead one comes back."""

from __future__ import annotations

import hashlib
from functools import partial

import httpx

from server.actions import machines
from server.domain.access import Actor
from tests.server.web.rehearsal import TOKENS, Served, token_of
from wire.asks import Issue
from wire.frames import MACHINE_HEADER, Answer
from wire.vocabulary import DeviceKind, Language, new_id

OLD_MACHINE, SPARE = "a" * 64, "b" * 64


def enrolled(client: httpx.Client, kind: str = "kiosk") -> dict[str, str]:
    told: dict[str, str] = client.post("/api/enrol", json={"kind": kind, "name": "spare"}).json()
    return told


def claimed(client: httpx.Client, told: dict[str, str]) -> tuple[str, int]:
    answer = client.post("/api/enrol/claim", json={"enrolment": told["enrolment"], "secret": told["secret"]})
    assert answer.status_code == 200, answer.text
    return answer.json()["token"], answer.json()["device"]


def kiosk(served: Served, device: int, machine: str) -> Actor:
    """As the kiosk of that machine comes with its token."""
    actor = Actor(kind="device", id=device, centre=served.ids.centre, device=DeviceKind.KIOSK)
    assert served.run(
        served.house.change(actor, "meet", partial(machines.meet, device_id=device, machine=machine))
    )
    return actor


def gives(served: Served, actor: Actor, code: str) -> Answer:
    body = Issue(
        visit=new_id(),
        ticket=new_id(),
        code=code,
        service="council-tax",
        language=Language.EN,
        needs=(),
        discreet=False,
        age_ms=0,
        follow_hash=hashlib.sha256(code.encode()).hexdigest(),
    )
    return served.run(served.house.perform(actor, new_id(), body))


def test_a_spare_takes_the_place_of_a_dead_kiosk(served: Served) -> None:
    old = served.ids.devices[DeviceKind.KIOSK]
    old_token = TOKENS[DeviceKind.KIOSK]
    before = kiosk(served, old, OLD_MACHINE)
    assert gives(served, before, "K01").refusal is None
    ada, spare = served.signed_in("ada"), served.client()
    ada.post(f"/admin/devices/{old}/name", data={"csrf": token_of(ada), "name": "By the door"})
    ada.post(f"/admin/devices/{old}/exit", data={"csrf": token_of(ada), "exit": "yes"})
    ada.post("/admin/releases/rings", data={"csrf": token_of(ada), f"ring-{old}": "first"})
    at = f"/admin/devices/{old}/replace"

    wrong = ada.post(at, data={"csrf": token_of(ada), "code": "AAAAAA"})
    assert "No device is showing this code now" in wrong.text
    sign = enrolled(served.client(), "display")
    other = ada.post(at, data={"csrf": token_of(ada), "code": sign["code"]})
    assert "What shows this code is a lobby display" in other.text
    bearer = {"authorization": f"Bearer {old_token}", MACHINE_HEADER: OLD_MACHINE}
    assert spare.get("/api/releases/wanted", headers=bearer).status_code == 200  # nothing was changed yet

    told = enrolled(spare)
    done = ada.post(at, data={"csrf": token_of(ada), "code": told["code"]})
    assert done.status_code == 303, done.text
    assert spare.get("/api/releases/wanted", headers=bearer).status_code == 401  # at once
    _, device = claimed(spare, told)
    page = ada.get(done.headers["location"]).text
    assert "By the door" in page
    assert "It has taken the place of the old machine" in page
    assert "those of the old one began with K" in page
    assert 'name="exit" value="yes" checked' in page
    fleet = ada.get("/admin/releases").text
    assert f'<select id="ring-{device}" name="ring-{device}"><option value="first" selected>' in fleet

    # Its letter is another, so whatever the dead one gave or gives, no code comes twice.
    new = kiosk(served, device, SPARE)
    assert gives(served, new, "K02").refusal is not None
    letter = page.split("Its tickets begin with ", 1)[1][0]
    assert letter != "K"
    assert gives(served, new, f"{letter}01").refusal is None

    # The dead one lives again: it is nobody until it is paired, and then hands in what it held under K.
    third = served.client()
    again = enrolled(third)
    paired = ada.post(
        "/admin/devices/approve", data={"csrf": token_of(ada), "code": again["code"], "name": "Spare"}
    )
    assert paired.status_code == 303
    _, back = claimed(third, again)
    returned = kiosk(served, back, OLD_MACHINE)
    assert gives(served, returned, "K02").refusal is None
    twice = gives(served, returned, "K01").refusal
    assert twice is not None
    assert "already given today" in twice.say
    stranger = gives(served, returned, f"{letter}02").refusal
    assert stranger is not None
    assert "does not belong to this kiosk" in stranger.say


def test_the_letter_of_one_that_was_cut_off_is_kept_out_of_the_way(served: Served) -> None:
    """It died without a line: the server knows of none of its tickets, and it may still be giving some."""
    old = served.ids.devices[DeviceKind.KIOSK]
    ada, client = served.signed_in("ada"), served.client()
    ada.post(f"/admin/devices/{old}/revoke", data={"csrf": token_of(ada)})
    told = enrolled(client)
    ada.post("/admin/devices/approve", data={"csrf": token_of(ada), "code": told["code"], "name": "New"})
    _, device = claimed(client, told)
    assert "<dt>Tickets begin with</dt><dd>K</dd>" in ada.get(f"/admin/devices/{old}").text
    assert "<dt>Tickets begin with</dt><dd>K</dd>" not in ada.get(f"/admin/devices/{device}").text
