"""`[[purpose]]`, `[[team]]`, `[[portal]]` and `[[form]]`: what can be handed in at a centre, who deals with it, what can be done online.

Purposes, teams and portals are parts of the plan like services: what the file does not name any more is gone from the screens, and what was
handed in for it before keeps its way. Forms come and go on the page of their own, as people do, so loading a file adds and changes them and takes
none away.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from server.centrefile.table import Table
from server.domain.handing import Portal, Purpose, Team, TeamWay

_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,60}(/[A-Za-z0-9][A-Za-z0-9 ._-]{0,60}){0,4}")
_MAILBOX = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
_PAGE = re.compile(r"https://[^\s/?#@\\]+[^\s\\\"<>]*")
PLAIN_ICON = "form"
LONGEST_KEPT_DAYS = 366


@dataclass(frozen=True)
class OfferedForm:
    """A form of the library, or one made here, as this centre offers it."""

    slug: str
    service: str = ""
    team: str = ""
    keep_days: int = 30
    icon: str = PLAIN_ICON
    at_kiosks: bool = True
    on_web: bool = True


def read_purpose(table: Table, languages: Sequence[str], icons: Sequence[str]) -> Purpose:
    purpose = Purpose(
        slug=table.slug(),
        names=table.words("names", languages, most=60),
        icon=table.named("icon", icons, PLAIN_ICON),
        asks=table.words("asks", languages, most=60, needed=False),
        ready=table.words("ready", languages, most=300, needed=False),
        whom=table.words("whom", languages, most=200, needed=False),
        keep_days=table.whole("keep_days", 0, LONGEST_KEPT_DAYS, 28),
        team=table.slug("team") if "team" in table else "",
        service=table.slug("service") if "service" in table else "",
    )
    table.close()
    return purpose


def read_portal(table: Table, languages: Sequence[str], icons: Sequence[str]) -> Portal:
    portal = Portal(
        slug=table.slug(),
        names=table.words("names", languages, most=80),
        url=table.text("url", most=500),
        ready=table.words("ready", languages, most=300, needed=False),
        icon=table.named("icon", icons, PLAIN_ICON),
        service=table.slug("service") if "service" in table else "",
        synonyms=table.texts("synonyms", most=60),
    )
    if portal.url and not _PAGE.fullmatch(portal.url):
        why = "'url' is the whole address of a page, and begins with https://"
        table.note(why, "url", plain="Write the whole address of a page, beginning with https://")
    table.close()
    return portal


def read_team(table: Table) -> Team:
    team = Team(
        slug=table.slug(),
        name=table.text("name", most=80),
        way=table.one_of("way", TeamWay, TeamWay.LIST),
        address=table.text("address", most=300, default=""),
        attach=table.flag("attach", default=False),
        keep_minutes=table.whole("keep_minutes", 1, LONGEST_KEPT_DAYS * 24 * 60, 0) or None,
    )
    why = _address_fault(team)
    if why:
        table.note(why, "address")
    if team.attach and team.way is not TeamWay.EMAIL:
        table.note("Only e-mail can carry the papers themselves: take this out.", "attach")
    table.close()
    return team


def _address_fault(team: Team) -> str:
    address = team.address
    match team.way:
        case TeamWay.LIST:
            return "A team that looks at the list needs no address. Take it out." if address else ""
        case TeamWay.FOLDER:
            fine = bool(_FOLDER.fullmatch(address))
            return (
                ""
                if fine
                else "Write the name of a folder, such as “housing/incoming”. It lies below the hand-off folder."
            )
        case TeamWay.SFTP:
            return (
                "" if _is_sftp(address) else "Write where to, as in sftp://foyer@files.example.org/incoming"
            )
        case TeamWay.WEBHOOK:
            fine = bool(_PAGE.fullmatch(address))
            return "" if fine else "Write the whole address, beginning with https://"
        case TeamWay.EMAIL:
            return "" if _MAILBOX.fullmatch(address) else "Write the team’s e-mail address."


def _is_sftp(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return (
            parts.scheme == "sftp"
            and bool(parts.username)
            and bool(parts.hostname)
            and not parts.password
            and parts.port != 0
            and not parts.query
        )
    except ValueError:
        return False


def read_form(table: Table, icons: Sequence[str]) -> OfferedForm:
    form = OfferedForm(
        slug=table.slug(),
        service=table.slug("service") if "service" in table else "",
        team=table.slug("team") if "team" in table else "",
        keep_days=table.whole("keep_days", 0, LONGEST_KEPT_DAYS, 30),
        icon=table.named("icon", icons, PLAIN_ICON),
        at_kiosks=table.flag("at_kiosks", default=True),
        on_web=table.flag("on_web", default=True),
    )
    table.close()
    return form


def handing_table(thing: Purpose | Team | Portal | OfferedForm) -> dict[str, Any]:
    """What the file says of it: what is as it would be anyway is left out."""
    table: dict[str, Any] = {}
    for each in fields(thing):
        value = getattr(thing, each.name)
        usual = each.default if each.default is not MISSING else None
        if value in (usual, (), {}) or value is None:
            continue
        if isinstance(value, TeamWay):
            value = value.value
        table[each.name] = (
            list(value) if isinstance(value, tuple) else dict(value) if hasattr(value, "items") else value
        )
    return table


def disagreements(
    purposes: Sequence[Purpose],
    teams: Sequence[Team],
    portals: Sequence[Portal],
    forms: Sequence[OfferedForm],
    services: Collection[str],
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """What they name that is not there, with the same in words that know nothing of files."""
    known = {each.slug for each in teams}
    kinds: Sequence[tuple[str, Sequence[Any]]] = (
        ("purpose", purposes),
        ("team", teams),
        ("portal", portals),
        ("form", forms),
    )
    for kind, things in kinds:
        seen: set[str] = set()
        for index, each in enumerate(things):
            if each.slug and each.slug in seen:
                why = f"Another {kind} has the slug '{each.slug}' already."
                yield (kind, index, "slug"), why, f"Another {kind} is called this already."
            seen.add(each.slug)
            service, team = getattr(each, "service", ""), getattr(each, "team", "")
            if service and service not in services:
                why = f"There is no [[service]] with the slug '{service}'."
                yield (kind, index, "service"), why, "This service is not there then. Choose another."
            if team and team not in known:
                why = f"There is no [[team]] with the slug '{team}'."
                yield (kind, index, "team"), why, "This team is not there then. Choose another."
