"""What papers can be handed in for, which team each thing goes to and how it reaches them, and what can be done online elsewhere: parts of a centre's
plan, read from the documents kept in `Centre.extra` (`purposes`, `teams`, `portals`), each as the centre's file says it.

How a thing is kept: from when its team has it (`SubmissionState.ACCEPTED`) for `keep_days` of its purpose or form, then it is deleted; a team may say
`keep_minutes` and is then obeyed where that is shorter. What nobody has taken is not deleted but complained of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar

Words = Mapping[str, str]
T = TypeVar("T", "Purpose", "Team", "Portal")


class TeamWay(StrEnum):
    """How a submission reaches a team."""

    LIST = "list"
    """They look at the list in Foyer themselves."""
    FOLDER = "folder"
    SFTP = "sftp"
    WEBHOOK = "webhook"
    EMAIL = "email"


@dataclass(frozen=True)
class Team:
    """Who deals with it. Staff words: visitors never see a team."""

    slug: str
    name: str
    way: TeamWay = TeamWay.LIST
    address: str = ""
    """folder: its path below the hand-off folder (a setting); sftp: `sftp://user@host[:port]/folder`; webhook: `https://...`; email: an address."""
    attach: bool = False
    """E-mail carries the papers themselves; otherwise a link for those who may sign in."""
    keep_minutes: int | None = None


@dataclass(frozen=True)
class Purpose:
    """What papers can be handed in for, in the visitor's words."""

    slug: str
    names: Words
    icon: str = "form"
    asks: Words = field(default_factory=dict)
    """What the reference one may have is called; empty: none is asked for."""
    ready: Words = field(default_factory=dict)
    whom: Words = field(default_factory=dict)
    keep_days: int = 28
    team: str = ""
    service: str = ""


@dataclass(frozen=True)
class Portal:
    """A need that can be met on a page of the council's or another's."""

    slug: str
    names: Words
    url: str
    ready: Words = field(default_factory=dict)
    icon: str = "form"
    service: str = ""
    synonyms: tuple[str, ...] = ()


def purposes(extra: Mapping[str, Any]) -> tuple[Purpose, ...]:
    """In the order they are shown."""
    return tuple(_read(Purpose, each) for each in extra.get("purposes", ()))


def teams(extra: Mapping[str, Any]) -> tuple[Team, ...]:
    return tuple(_read(Team, each) for each in extra.get("teams", ()))


def portals(extra: Mapping[str, Any]) -> tuple[Portal, ...]:
    return tuple(_read(Portal, each) for each in extra.get("portals", ()))


def _read(kind: type[T], table: Mapping[str, Any]) -> T:
    """What a later version wrote besides is passed over."""
    known = {each.name for each in fields(kind)}
    values = {key: value for key, value in table.items() if key in known}
    if "synonyms" in values:
        values["synonyms"] = tuple(values["synonyms"])
    if "way" in values:
        values["way"] = TeamWay(values["way"])
    return kind(**values)
