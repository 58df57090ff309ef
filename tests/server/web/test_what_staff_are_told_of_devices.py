"""What is wrong with a device is told where staff look, in a sentence that says what to do; nothing is told of one that is well."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.domain.access import SYSTEM, Actor
from server.store.tables import Device
from server.store.tx import Tx
from tests.server.web.rehearsal import NOON, Served
from wire import asks
from wire.vocabulary import DeviceKind

SILENT = "Not heard from"


def board(served: Served) -> Actor:
    device = served.ids.devices[DeviceKind.DISPLAY]
    return Actor(kind="device", id=device, centre=served.ids.centre, device=DeviceKind.DISPLAY)


def seen_by_staff(served: Served) -> tuple[str, str]:
    """The floor as a greeter sees it, the devices as an administrator does."""
    return (
        served.signed_in("grace").get("/floor").text,
        served.signed_in("ada").get("/admin/devices").text,
    )


@pytest.mark.parametrize(
    ("health", "sentence"),
    [
        (asks.Health(sound=False), "Its sound is off, so nobody hears the calls."),
        (asks.Health(out_of_order="No service is open"), "Out of order: No service is open"),
    ],
)
def test_trouble_is_told_on_the_floor_and_among_the_devices(
    served: Served, health: asks.Health, sentence: str
) -> None:
    served.ask(board(served), health)
    assert all(sentence in page for page in seen_by_staff(served))
    served.ask(board(served), asks.Health())
    assert not any(sentence in page for page in seen_by_staff(served))


def test_a_device_paired_a_moment_ago_gets_its_moment_to_start(served: Served) -> None:
    hands = served.set_clock(NOON)

    def pair(tx: Tx) -> None:
        session = tx.session()
        made = Device(
            centre_id=served.ids.centre,
            kind=DeviceKind.DISPLAY,
            name="By the stairs",
            token_hash="x" * 64,
            approved_at=NOON,
        )
        session.add(made)
        for other in served.ids.devices.values():
            session.get_one(Device, other).revoked_at = NOON

    served.run(served.house.change(SYSTEM, "pair", pair))
    floor, devices = seen_by_staff(served)
    assert SILENT not in floor + devices
    assert "Has not said anything yet" in devices
    hands.turn(timedelta(minutes=4))
    assert all(SILENT in page for page in seen_by_staff(served))


def test_a_refused_account_is_mended_where_the_reason_stands(served: Served) -> None:
    """The form stands above the list: with fifty accounts its place below them was out of sight of the reason."""
    page = served.signed_in("ada").get("/admin/staff").text
    assert page.index('id="add-h"') < page.index('aria-label="Accounts"')
