"""The chain that shows whether the audit was tampered with: what a row's bytes are, what a link's seal covers, and what does not fit. Pure.

A link seals some rows of the audit with a key that is not in the database, and covers the seal of the link before it. So who holds the database alone
can change, take out, put in or reorder nothing, not even at the end of the chain, without a link that no longer fits; and who rolls all of it
back to an older copy is found out by the newest link that was written down elsewhere (an anchor). A row's bytes tell its values apart by type and
length, so that no two rows have the same, and are the same whichever database keeps it: whole numbers as such, text as UTF-8, the detail as
JSON with its keys in order and every number as Python writes it.

Erasing is part of it: a link whose rows' time is over loses them, and carries the house's own word for that under the same key. Rows that
are gone without that word were taken out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

MOST_ROWS = 256
"""Of a link: a sealing holds the writer up for some milliseconds."""
KEY_BYTES = 32
BACKWARDS = round(timedelta(minutes=10).total_seconds()) * 1_000_000
"""Servers' clocks may differ by moments, and a slow change is as old as its beginning. What goes back further is worth a look."""
_MARK_BYTES = 8

Value = int | str | bytes | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the audit as the database gives it; `detail` is the JSON text."""

    id: int
    centre_id: Value
    at: Value
    staff_id: Value
    what: Value
    about: Value
    address: Value
    detail: Value


@dataclass(frozen=True, slots=True)
class Link:
    """One seal (`AuditSeal`), instants in microseconds since 1970."""

    id: int
    key: str
    first_id: int
    last_id: int
    rows: int
    newest_at: int
    made_at: int
    previous: str
    content: str
    hash: str
    marks: str = ""
    erased_at: int | None = None
    erased: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link, short enough to be written down elsewhere. Who reads it learns nothing."""

    number: int
    hash: str
    made_at: int

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret, and the name by which links say that they were made with it."""

    secret: bytes

    @property
    def name(self) -> str:
        return hashlib.sha256(b"foyer audit key\0" + self.secret).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Key({self.name})"


# Bytes ------------------------------------------------------------------------------------------------------------------


def canonical(row: Row) -> bytes:
    """The row's bytes, the same from either database."""
    values = (row.id, row.centre_id, row.at, row.staff_id, row.what, row.about, row.address)
    return b"".join(map(_value, values)) + _detail(row.detail)


def _value(value: Value) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, int):
        return b"i%d;" % value
    body = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)
    return b"t%d:" % len(body) + body


def _detail(value: Value) -> bytes:
    """What is no JSON was never written by the house; it has bytes all the same, so that it is found and nothing fails."""
    try:
        text = value.decode() if isinstance(value, bytes) else value
        read = json.loads(text) if isinstance(text, str) else value
        written = json.dumps(read, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return b"!" + _value(value)
    return b"j" + _value(written)


def _keyed(key: Key, purpose: bytes, *parts: bytes) -> hmac.HMAC:
    made = hmac.new(key.secret, b"foyer audit " + purpose + b"\0", hashlib.sha256)
    for part in parts:
        made.update(b"%d:" % len(part) + part)
    return made


def mark_of(key: Key, body: bytes) -> str:
    return _keyed(key, b"row", body).digest()[:_MARK_BYTES].hex()


def content_of(key: Key, bodies: Iterable[bytes]) -> str:
    return _keyed(key, b"rows", *bodies).hexdigest()


def hash_of(key: Key, link: Link) -> str:
    """The seal of a link: all of it but the marks and what is known only later."""
    numbers = (link.id, link.first_id, link.last_id, link.rows, link.newest_at, link.made_at)
    texts = (link.key, link.previous, link.content)
    return _keyed(
        key, b"link", *(b"%d" % each for each in numbers), *(each.encode() for each in texts)
    ).hexdigest()


def erasure_of(key: Key, link: Link, at: int) -> str:
    """The house's word that it erased a link's rows at this instant."""
    return _keyed(key, b"erased", link.hash.encode(), b"%d" % at).hexdigest()


# Making -----------------------------------------------------------------------------------------------------------------


def make_link(key: Key, before: Head | None, beginning: str, rows: Sequence[Row], now: int) -> Link:
    """The next link, of rows in order of their ids. `beginning`: 64 random hex digits, where there is no link before; so no two chains are alike."""
    bodies = [canonical(row) for row in rows]
    newest = max((row.at for row in rows if isinstance(row.at, int)), default=now)
    bare = Link(
        id=before.number + 1 if before else 1,
        key=key.name,
        first_id=rows[0].id,
        last_id=rows[-1].id,
        rows=len(rows),
        newest_at=min(newest, now),
        made_at=now,
        previous=before.hash if before else beginning,
        content=content_of(key, bodies),
        hash="",
        marks=" ".join(f"{row.id}:{mark_of(key, body)}" for row, body in zip(rows, bodies, strict=True)),
    )
    return replace(bare, hash=hash_of(key, bare))


# Judging ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit, in words. `grave`: nothing but tampering or damage explains it."""

    say: str
    grave: bool = True


class Verifier:
    """Goes along the chain, link by link from the beginning or from an anchor, with each link's rows in order of their ids.

    `keys`: by name. Keeps nothing of what it has passed but the last link, so a chain of any length needs no more memory than a link.
    """

    def __init__(self, keys: Mapping[str, Key], after: Head | None = None) -> None:
        self._keys = keys
        self._last: Head | None = after
        self._newest = 0
        self.links = 0
        self.rows = 0
        self.erased = 0

    @property
    def head(self) -> Head | None:
        """Of the last link that was looked at."""
        return self._last

    def look_at(self, link: Link, rows: Sequence[Row]) -> Iterator[Finding]:
        before = self._last
        self._last = Head(link.id, link.hash, link.made_at)
        self.links += 1
        self.rows += len(rows)
        expected = before.number + 1 if before else 1
        if link.id > expected:
            yield Finding(f"{_links(expected, link.id - 1)} missing: taken out of the chain.")
        elif link.id < expected:
            yield Finding(f"Link {link.id} stands where no link of the house can stand: it was put in.")
        elif before is not None and link.previous != before.hash:
            yield Finding(
                f"Link {link.id} does not continue link {before.number}: one of them is not from this chain."
            )
        key = self._keys.get(link.key)
        if key is None:
            yield Finding(
                f"Link {link.id} was sealed with key {link.key[:16]!r}, which is not in the key file. Put that key back to check it."
            )
            return
        if not hmac.compare_digest(hash_of(key, link).encode(), link.hash.encode()):
            yield Finding(
                f"Link {link.id} was not sealed as it stands now: it was changed, or made without the key."
            )
        if link.erased_at is None and not link.erased:
            yield from self._rows(key, link, rows)
        else:
            yield from self._erased(link, rows)

    def _erased(self, link: Link, rows: Sequence[Row]) -> Iterator[Finding]:
        self.erased += 1
        self._newest = max(self._newest, link.newest_at)
        words = [erasure_of(key, link, link.erased_at or 0).encode() for key in self._keys.values()]
        if not any(hmac.compare_digest(word, link.erased.encode()) for word in words):
            yield Finding(
                f"Link {link.id} says that its {link.rows} rows were erased because their time was over, but the house never did: {_span(link)} were taken out."
            )
        if rows:
            yield Finding(
                f"Link {link.id} was erased, yet {_rows(row.id for row in rows)} put into it since."
            )

    def _rows(self, key: Key, link: Link, rows: Sequence[Row]) -> Iterator[Finding]:
        bodies = [canonical(row) for row in rows]
        if not hmac.compare_digest(content_of(key, bodies).encode(), link.content.encode()):
            found = tuple(_by_marks(key, link, rows, bodies))
            yield from found or (
                Finding(f"The rows of link {link.id} ({_span(link)}) are not those that were sealed."),
            )
        for row in rows:
            if isinstance(row.at, int):
                if row.at < self._newest - BACKWARDS:
                    yield Finding(
                        f"Row {row.id} says {_when(row.at)}, but the one before it was written at {_when(self._newest)}:"
                        " the clock was set back, or the row was written later than it says, before it was sealed.",
                        grave=False,
                    )
                self._newest = max(self._newest, row.at) if row.at <= link.made_at else self._newest


def _by_marks(key: Key, link: Link, rows: Sequence[Row], bodies: Sequence[bytes]) -> Iterator[Finding]:
    """Which rows they are, as far as the marks tell."""
    sealed = dict(each.split(":", 1) for each in link.marks.split() if ":" in each)
    there = {str(row.id) for row in rows}
    for row, body in zip(rows, bodies, strict=True):
        mark = sealed.get(str(row.id))
        if mark is None:
            yield Finding(f"Row {row.id} was put into link {link.id} after it was sealed.")
        elif not hmac.compare_digest(mark.encode(), mark_of(key, body).encode()):
            yield Finding(f"Row {row.id} was changed after it was sealed in link {link.id}.")
    gone = [int(each) for each in sealed if each not in there and each.isdecimal()]
    if gone:
        yield Finding(f"{_rows(gone)} taken out of link {link.id}.")


def _rows(ids: Iterable[int]) -> str:
    found = sorted(ids)
    if len(found) == 1:
        return f"Row {found[0]} was"
    if len(found) > 6:
        return f"{len(found)} rows between {found[0]} and {found[-1]} were"
    return f"Rows {', '.join(map(str, found))} were"


def _links(first: int, last: int) -> str:
    return f"Link {first} is" if first == last else f"Links {first} to {last} are"


def _span(link: Link) -> str:
    return f"rows {link.first_id} to {link.last_id}, up to {_when(link.newest_at)}"


def _when(micros: int) -> str:
    """For people; whatever number stands in the database."""
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except OverflowError:
        return f"instant {micros}"
    return at.strftime("%Y-%m-%d %H:%M:%S")
