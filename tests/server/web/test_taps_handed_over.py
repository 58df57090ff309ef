"""What is handed over by the counting panel, without a browser: whole batches, of this centre, of the centre's day."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from server.store.tables import StaffRole
from server.store.tx import Tx
from tests.server.web.rehearsal import Served, token_of
from tests.server.web.test_counting_panel import counted
from wire.vocabulary import Role, new_id

# The door these taps come in by --------------------------------------------------------------------------------------


async def hand(client: httpx.Client, centre: int, *bodies: object, token: str = "") -> httpx.Response:
    asks = [{"id": new_id(), "body": body} for body in bodies]
    headers = {"accept": "application/json", "x-foyer-token": token or token_of(client)}
    return await asyncio.to_thread(
        client.post, "/greeter/count", json={"centre": centre, "asks": asks}, headers=headers
    )


async def test_one_unreadable_tap_does_not_hold_up_the_rest(served: Served) -> None:
    client = await asyncio.to_thread(served.signed_in, "grace")
    good = {"do": "count", "tally": new_id(), "activity": "telephone", "age_ms": 5}
    bad = [{"do": "count", "tally": "x"}, {"do": "call_next"}, {}, {**good, "activity": "juggling"}]
    answer = await hand(client, served.ids.centre, *bad, good)
    codes = [each.get("refusal", {}).get("code") for each in answer.json()["answers"]]
    assert codes == ["malformed"] * 4 + [None]
    assert counted(served) == {"telephone": 1}
    for spoilt in ({"centre": served.ids.centre, "asks": []}, {"asks": 1}, [1]):
        headers = {"accept": "application/json", "x-foyer-token": token_of(client)}
        said = await asyncio.to_thread(client.post, "/greeter/count", json=spoilt, headers=headers)
        assert said.status_code == 422
    client.close()


async def test_a_tap_of_another_centre_or_without_a_token_is_not_taken(served: Served) -> None:
    client = await asyncio.to_thread(served.signed_in, "grace")
    good = {"do": "count", "tally": new_id(), "activity": "telephone"}
    assert (await hand(client, served.ids.other, good)).json()["refusal"]["code"] == "wrong_centre"
    assert (await hand(client, served.ids.centre, good, token="x" * 30)).status_code == 403
    assert counted(served) == {}

    def move(tx: Tx) -> None:
        for role in tx.session().exec(
            select(StaffRole).where(StaffRole.staff_id == served.ids.staff["grace"])
        ):
            role.role = Role.ADMINISTRATOR

    await asyncio.to_thread(served.run, served.house.change(served.actor("ada"), "move", move))
    served.app.state.identity.forget()
    assert (await hand(client, served.ids.centre, good)).status_code == 403, "the role was taken away"
    assert counted(served) == {}
    client.close()


@pytest.mark.parametrize("hours", [0, 26])
async def test_the_figures_are_of_the_centres_day(served: Served, hours: int) -> None:
    client = await asyncio.to_thread(served.signed_in, "grace")
    body = {"do": "count", "tally": new_id(), "activity": "forms", "age_ms": hours * 3_600_000}
    await hand(client, served.ids.centre, body)
    headers = {"accept": "application/json"}
    seen = (await asyncio.to_thread(client.get, "/greeter/count/now", headers=headers)).json()
    assert seen["figures"]["forms"] == (0 if hours else 1)
    assert timedelta(milliseconds=seen["ends"] - seen["begins"]) >= timedelta(hours=23)
    client.close()
