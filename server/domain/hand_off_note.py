"""The note that goes with what was handed in: what it is, whom it concerns, and which files belong to it. One shape for every way.

It is a contract with systems we do not know (docs/hand-off.md says every field). Fields are added, never renamed or taken out; `format` changes when
one must mean something else. What is not known is an empty text, not missing, so that a reader needs no cases. Instants are UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FORMAT = "foyer.submission/1"


@dataclass(frozen=True)
class Told:
    """What a note tells. Never shown by `repr`: it holds what only the team may know."""

    hand_off: str
    round: int
    submission: str
    reference: str
    """As people read it."""
    kind: str
    what: str
    what_name: str
    version: int
    team: str
    centre: str
    centre_name: str
    channel: str
    language: str
    made_at: datetime
    received_at: datetime
    case: str
    phone: str
    email: str
    papers: Sequence[Mapping[str, Any]]
    pages: int
    readable: str
    form: Mapping[str, Any]
    """A form's answers (`form_json`); empty for papers."""

    def __repr__(self) -> str:
        return f"Told({self.hand_off})"


@dataclass(frozen=True)
class Carried:
    """One file as it goes out."""

    name: str
    type: str
    body: bytes
    pages: int = 0
    searchable: bool | None = None

    def __repr__(self) -> str:
        return f"Carried({self.name})"


def write(told: Told, files: Sequence[Carried]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "id": told.hand_off,
        "round": told.round,
        "submission": told.submission,
        "reference": told.reference,
        "kind": told.kind,
        "what": told.what,
        "what_name": told.what_name,
        "version": told.version,
        "team": told.team,
        "centre": told.centre,
        "centre_name": told.centre_name,
        "channel": told.channel,
        "language": told.language,
        "made_at": _instant(told.made_at),
        "received_at": _instant(told.received_at),
        "case": told.case,
        "phone": told.phone,
        "email": told.email,
        "papers": [
            {"kind": each.get("kind", "other"), "pages": each.get("pages", 0)} for each in told.papers
        ],
        "pages": told.pages,
        "readable": told.readable,
        "form": told.form,
        "files": [_file(each) for each in files],
    }


def _file(file: Carried) -> dict[str, Any]:
    return {
        "name": file.name,
        "type": file.type,
        "bytes": len(file.body),
        "sha256": hashlib.sha256(file.body).hexdigest(),
        "pages": file.pages,
        "searchable": bool(file.searchable),
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
