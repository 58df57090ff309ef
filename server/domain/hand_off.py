"""How what was handed in goes to the team it is for: where, under which names, when it is tried again, and what staff are told meanwhile.

* A hand-off is laid down or sent **once**: the same hand-off has the same id in every attempt, and whoever hears of it twice can tell.
* Laid down (folder, SFTP) is not taken: it is the team's when the note is gone. A webhook that answers 2xx, or a mailbox that took the papers
  themselves, has it. A mail with a link has only been told: a person says that the team has it.
* Nobody's papers are sent while a machine still makes their text readable (`READING_WAIT`), for the team wants the better file; a machine that takes too
  long is not waited for. What a virus was found in is never sent.
* A team's folder lies below the hand-off folder, whatever its address says.

Instants are microseconds since 1970 in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from server.domain.handing import Purpose, Team, TeamWay, purposes, teams
from wire.vocabulary import HandedIn

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

KEPT_DAYS = 28
"""Of what its purpose or form is not there any more to say."""
READING_WAIT = 5 * MINUTE
TROUBLE_AFTER = 30 * MINUTE
"""Tried in vain for so long, somebody is told; until then it is the other side's short break."""
UNCLAIMED_AFTER = 3 * DAY
"""Lying there for so long without being fetched, or with nobody having taken it at all."""
MOST_WEBHOOK_BYTES = 48 * 1024 * 1024
MOST_MAIL_BYTES = 15 * 1024 * 1024
"""Of the files; what is more goes as a link, for mailboxes refuse it."""

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,60}")


@dataclass(frozen=True)
class Laid:
    """It lies where the team fetches it, or they were told where it is. Nobody has taken it yet."""


@dataclass(frozen=True)
class Accepted:
    """The other side has it."""

    by: str


@dataclass(frozen=True)
class Later:
    """It did not get there, and may when tried again."""

    why: str
    asked: int = 0
    """Seconds the other side asks us to wait."""


@dataclass(frozen=True)
class Never:
    """It will not get there this way: a person must see to it."""

    why: str


Result = Laid | Accepted | Later | Never


@dataclass(frozen=True)
class Bundle:
    """What goes to a team, in the clear; it lives in memory only. Files have the names they get there. Never shown by `repr`."""

    id: str
    """The hand-off's; the same in every attempt."""
    stem: str
    """What all its files are called first, such as `BCDF3467`."""
    note: Mapping[str, Any]
    files: Sequence[tuple[str, str, bytes]]
    """Name, type, body."""

    @property
    def note_name(self) -> str:
        return f"{self.stem}.json"

    @property
    def size(self) -> int:
        return sum(len(body) for _, _, body in self.files)

    def __repr__(self) -> str:
        return f"Bundle({self.id})"


def stem_of(reference: str, round_: int) -> str:
    """What files of a submission are called in the hand-off of this round. The first is the plain reference."""
    return reference if round_ == 1 else f"{reference}-{round_}"


# Who gets it ----------------------------------------------------------------------------------------------------------


def team_of(extra: Mapping[str, Any], slug: str) -> Team | None:
    return next((team for team in teams(extra) if team.slug == slug), None)


def purpose_of(extra: Mapping[str, Any], slug: str) -> Purpose | None:
    return next((purpose for purpose in purposes(extra) if purpose.slug == slug), None)


def is_sent(team: Team | None) -> bool:
    """Whether it goes there by itself; otherwise the team looks at the list."""
    return team is not None and team.way is not TeamWay.LIST


def may_go(kind: str, virus: str, *, by_hand: bool = False) -> bool:
    """A form that somebody began and took to a person goes nowhere by itself; what a virus was found in goes nowhere at all; what was too long to be
    looked at goes when a person says so."""
    return kind != HandedIn.BEGUN and virus != "found" and (by_hand or virus != "too_long")


def is_to_be_looked_at(virus: str) -> bool:
    """Whether a scanner is still to be asked. Until then it is opened by nobody and goes nowhere."""
    return virus == "waits"


def is_still_read(tried: Iterable[tuple[str, bool | None]], made_at: int, now: int) -> bool:
    """Whether a machine still makes one of these files (type, searchable) readable and is waited for."""
    open_ones = any(kind == "application/pdf" and searchable is None for kind, searchable in tried)
    return open_ones and now - made_at < READING_WAIT


# Where it goes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SftpPlace:
    user: str
    host: str
    port: int
    folder: str


def folder_parts(address: str) -> tuple[str, ...] | str:
    """A team's folder below the hand-off folder, part by part; a sentence when it is none. Nothing leads out of it."""
    parts = tuple(address.split("/"))
    if not all(_PART.fullmatch(part) and not part.endswith((" ", ".")) for part in parts):
        return "This team's folder is not a plain name such as “housing/incoming”. An administrator puts it right under Set-up."
    return parts


def read_sftp(address: str) -> SftpPlace | str:
    """Where an SFTP address leads; a sentence when it is none."""
    wrong = "This team's address is not one of SFTP, such as sftp://foyer@files.example.org/incoming. An administrator puts it right under Set-up."
    try:
        parts = urlsplit(address)
        port = parts.port or 22
    except ValueError:
        return wrong
    if parts.scheme != "sftp" or not parts.username or not parts.hostname or parts.password or parts.query:
        return wrong
    folder = unquote(parts.path)
    if ".." in folder.split("/") or any(sign < " " for sign in folder):
        return wrong
    return SftpPlace(unquote(parts.username), parts.hostname, port, folder.rstrip("/") or ".")
