"""The lines to the outside: who carries a message to a visitor, chosen by the settings, once.

A carrier takes one parcel and says what became of it (`server.domain.posting.Result`); it never raises for what the other side does. Where no
carrier is set for a way, nothing is queued for that way, and the pages say so: a message nobody can send would only pile up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from forms.contact import Email, read_email
from server.connectors.notify import Notify, is_key
from server.connectors.smtp import Smtp
from server.connectors.templates import LettersUnusable, read_templates
from server.domain.posting import Parcel, Result
from server.settings import Settings
from wire.vocabulary import Way


class Carrier(Protocol):
    async def send(self, parcel: Parcel) -> Result: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Carriers:
    """`faults`: what is set and cannot be used, in sentences for the administrator. `names`: who carries each way."""

    by_way: Mapping[Way, Carrier] = field(default_factory=dict)
    names: Mapping[Way, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def ways(self) -> frozenset[Way]:
        return frozenset(self.by_way)

    def close(self) -> None:
        for carrier in {id(each): each for each in self.by_way.values()}.values():
            carrier.close()


def open_carriers(settings: Settings) -> Carriers:
    """Texts go by Notify; e-mail by the mail server where one is set, else by Notify too. A fault in the settings is said and stops only what
    it concerns: people must be served whether or not we can write to them."""
    by_way: dict[Way, Carrier] = {}
    names: dict[Way, str] = {}
    faults: list[str] = []
    notify = _notify(settings, faults)
    if notify is not None:
        by_way = {Way.SMS: notify, Way.EMAIL: notify}
        names = dict.fromkeys(by_way, "GOV.UK Notify")
    if settings.smtp_host:
        sender = read_email(settings.smtp_from)
        if isinstance(sender, Email):
            by_way[Way.EMAIL] = Smtp(
                settings.smtp_host,
                settings.smtp_port,
                sender.address,
                user=settings.smtp_user,
                password=settings.smtp_password.get_secret_value(),
            )
            names[Way.EMAIL] = f"the mail server {settings.smtp_host}"
        else:
            faults.append("FOYER_SMTP_FROM must be the e-mail address that our mail comes from.")
    return Carriers(by_way, names, tuple(faults))


def _notify(settings: Settings, faults: list[str]) -> Notify | None:
    key = settings.notify_key.get_secret_value().strip()
    if not key:
        return None
    if not is_key(key):
        faults.append(
            "FOYER_NOTIFY_KEY is not a key of GOV.UK Notify. Copy the whole of it: name, service and secret."
        )
        return None
    if settings.letters is None:
        faults.append("FOYER_LETTERS must name the file with the templates at GOV.UK Notify.")
        return None
    try:
        templates = read_templates(settings.letters)
    except LettersUnusable as error:
        faults.append(str(error))
        return None
    return Notify(key, settings.notify_url, templates)
