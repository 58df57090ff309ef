"""A served house with appointments to book, and programs with keys to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx

from server.actions import api_keys
from server.store.schema import migrate_address
from server.store.sql import Statement
from server.store.tables import Service
from server.store.tx import Tx
from tests.server.web.rehearsal import Hands, Served, serving
from wire.vocabulary import new_id

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OFFER = {
    "minutes": 20,
    "every_minutes": 20,
    "at_once": 1,
    "asks": {"name": "required", "phone": "optional", "email": "optional"},
    "hours": [{"days": ["monday", "tuesday", "wednesday"], "opens": "10:00", "closes": "12:00"}],
}
ASKING = {
    **OFFER,
    "question": [
        {"slug": "bill", "text": {"en": "Which bill is it about?"}, "required": True},
        {
            "slug": "home",
            "text": {"en": "Where do you live?"},
            "required": False,
            "choice": [
                {"slug": "flat", "names": {"en": "A flat"}},
                {"slug": "house", "names": {"en": "A house"}},
            ],
        },
    ],
    "bring": [{"en": "Your last bill"}],
}
OFFERS: dict[str, dict[str, Any]] = {
    "council-tax": OFFER,
    "housing": ASKING,
    "parking": {**OFFER, "public": False},
    "private": OFFER,
}


def offer_appointments(tx: Tx) -> None:
    for service in tx.session().query(Service).filter_by(centre_id=tx.actor.centre):
        service.booking = OFFERS[service.slug]
        service.by_appointment = True


_EMPTIED = "hook_call hook post note step tally ticket visit seat booking command audit api_key"


def forget_everything(tx: Tx) -> None:
    for table in _EMPTIED.split():
        tx.sql.run(Statement(f"DELETE FROM {table}"))


@contextmanager
def booking_house(folder: str) -> Iterator[tuple[Served, Hands]]:
    """A house at nine on a Tuesday, with offers."""
    address = f"sqlite:///{folder}/foyer.db"
    migrate_address(address)
    with serving(address, api_per_minute=60_000, public_url="https://queue.test") as house:
        hands = house.set_clock(NOW)
        house.run(house.house.change(house.actor("ada"), "offer", offer_appointments))
        yield house, hands


def key_for(house: Served, *rights: str, services: tuple[str, ...] = ()) -> tuple[int, str]:
    make = partial(api_keys.make, name="CRM", rights=rights, services=services)
    return house.run(house.house.change(house.actor("ada"), "make_key", make))


def program(house: Served, *rights: str, services: tuple[str, ...] = ()) -> httpx.Client:
    _, token = key_for(house, *rights, services=services)
    return house.client(headers={"authorization": f"Bearer {token}"})


def once(key: str = "") -> dict[str, str]:
    return {"idempotency-key": key or new_id()}


VISITOR = {"name": "Meera Patel", "phone": "07700 900123", "note": "is afraid of dogs"}


def hold(
    client: httpx.Client, at: str = "2026-11-25T10:00:00+00:00", service: str = "council-tax", **more: Any
) -> httpx.Response:
    body = {"centre": "york-house", "service": service, "starts_at": at, **more}
    return client.post("/api/v1/holds", json=body, headers=once())


def book(
    client: httpx.Client, at: str = "2026-11-25T10:00:00+00:00", service: str = "council-tax", **visitor: Any
) -> Any:
    held = hold(client, at, service)
    assert held.status_code == 201, held.text
    body = {"hold": held.json()["hold"], "visitor": {**VISITOR, **visitor}}
    made = client.post("/api/v1/appointments", json=body, headers=once())
    assert made.status_code == 201, made.text
    return made.json()
