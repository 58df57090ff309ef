"""`foyer audit ...`: whether the audit was tampered with, from the command line, beside a running server or on a copy of its database.

`verify` reads the whole chain, or what came after an anchor, link by link; it writes nothing and needs no lock. `head` prints what to write down elsewhere.
`new-key` puts a fresh key on top of the key file.
"""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol

import typer
from sqlalchemy import Connection

from server.actions import sealing
from server.actions.audit_anchor import last_anchor, missing, read_anchor
from server.actions.audit_keys import add_audit_key, key_file, open_audit_keys
from server.clock import Clock, from_micros
from server.domain.access import SYSTEM
from server.domain.audit_chain import Finding, Head, Key, Verifier
from server.settings import Settings
from server.store.database import DatabaseUnusable
from server.store.queries import audit_chain as chain
from server.store.schema import open_present
from server.store.sql import Sql
from server.store.tx import Tx

app = typer.Typer(help="Whether the audit was tampered with.", no_args_is_help=True)

FITS, DOES_NOT_FIT = 0, 3
"""Exit status; 1 is that it could not be looked at."""
MOST_SAID = 200
SEALED_WITHIN = 10 * 60 * 1_000_000


class Readable(Protocol):
    """A database, or whatever gives readings of one."""

    def reading(self) -> AbstractContextManager[Connection]: ...


@dataclass
class Result:
    """What a look along the chain found."""

    verifier: Verifier
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    grave: int = 0
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    gap: int = 0
    """The link that went with a restore, of which nobody has said yet that they know."""

    @property
    def fits(self) -> bool:
        return not self.grave and not self.gap

    def found(self, finding: Finding) -> None:
        self.grave += finding.grave
        if len(self.findings) < MOST_SAID:
            self.findings.append(finding)
        else:
            self.more += 1


@app.command()
def verify(
    anchor: Annotated[
        str, typer.Option(help="A link written down elsewhere: NUMBER HASH, or a file with such lines.")
    ] = "",
    since_anchor: Annotated[
        bool, typer.Option("--since-anchor", help="Look at what came after the anchor only.")
    ] = False,
) -> None:
    """Look along the whole chain and say in words what does not fit. Exit status 0: all fits; 3: something does not."""
    settings = Settings()
    known = _anchor(anchor) if anchor else last_anchor(settings.audit_anchor)
    if since_anchor and known is None:
        raise DatabaseUnusable(
            "There is no anchor to begin at. Name one with --anchor, as NUMBER HASH or a file."
        )
    database = open_present(settings.database, alone=False)
    try:
        keys = open_audit_keys(key_file(settings), may_make=False)
        result = look(database, dict(keys.known), known, since_anchor=since_anchor)
    finally:
        database.close()
    for line in told(result, known):
        typer.echo(line)
    sys.exit(FITS if result.fits else DOES_NOT_FIT)


@app.command()
def head() -> None:
    """Print the newest link, for writing down elsewhere: NUMBER HASH."""
    database = open_present(Settings().database, alone=False)
    try:
        with database.reading() as connection:
            found = chain.head(connection)
    finally:
        database.close()
    typer.echo(str(found) if found else "There is no link yet: nothing is sealed.")


@app.command("accept-gap")
def accept_gap(
    number: Annotated[int, typer.Argument(help="The link that was written down elsewhere and is gone.")],
) -> None:
    """Say that you know why a link is gone, after a backup was restored. That it was said becomes part of the audit."""
    database = open_present(Settings().database)
    try:
        with database.writing() as session:
            tx = Tx(Sql(session.connection()), SYSTEM, Clock().micros())
            sealing.accept_gap(tx, number)
            tx.finish()
    finally:
        database.close()
    typer.echo(
        f"Written down: the gap from link {number} on is explained. The next links continue from what is there."
    )


@app.command("new-key")
def new_key() -> None:
    """Put a new key on top of the file: it seals from the next round on, and the old ones go on checking what they sealed."""
    path = key_file(Settings())
    keys = add_audit_key(path)
    typer.echo(
        f"Key {keys.sealing.name} in {path} seals from now on; {len(keys.keys) - 1} older still check. Copy the file anew,"
        " and keep the old keys for as long as what they sealed."
    )


def _anchor(text: str) -> Head:
    found = read_anchor(text) or last_anchor(Path(text))
    if found is None:
        raise DatabaseUnusable(f"'{text}' is no anchor. Write NUMBER HASH, or name a file with such lines.")
    return found


def look(
    database: Readable, keys: dict[str, Key], anchor: Head | None, *, since_anchor: bool = False
) -> Result:
    """Read the chain in portions, each as it stands at one instant; links are never changed but to lose rows that are due."""
    began = time.monotonic()
    result = Result(Verifier(keys, after=anchor if since_anchor else None))
    verifier = result.verifier
    if anchor is not None:
        with database.reading() as connection:
            gone = missing(connection, anchor)
        if gone is not None:
            if gone.restored:
                result.gap = anchor.number
            result.found(Finding(gone.say, grave=not (gone.known or gone.restored)))
            if since_anchor:
                return result
    while True:
        after = verifier.head.number if verifier.head else 0
        with database.reading() as connection:
            some = chain.some_links(connection, after)
        for link, rows in some:
            for finding in verifier.look_at(link, rows):
                result.found(finding)
        if len(some) < chain.LINKS_AT_ONCE:
            break
    _beyond(database, result)
    result.seconds = time.monotonic() - began
    return result


def _beyond(database: Readable, result: Result) -> None:
    """What no link holds."""
    last = result.verifier.head.number if result.verifier.head else 0
    with database.reading() as connection:
        sql = Sql(connection)
        newest = chain.head_of(sql)
        count, first = chain.astray(sql, newest.number if newest else last)
        waiting, oldest = chain.unsealed(sql)
        sql.close()
    if count:
        result.found(
            Finding(
                f"{_many(count, 'row')}, the first of them {first}, name a link that is not there: the end of the chain was taken out."
            )
        )
    if waiting:
        result.notes.append(f"{_many(waiting, 'row')} not sealed yet, of which nothing can be said.")
        if oldest is not None and oldest < Clock().micros() - SEALED_WITHIN:
            result.notes.append(
                f"The oldest of them is of {_when(oldest)}. A running server seals within seconds: see the page The house."
            )


def told(result: Result, anchor: Head | None) -> list[str]:
    """What to print."""
    verifier = result.verifier
    lines = [("" if each.grave else "Note: ") + each.say for each in result.findings]
    if result.more:
        lines.append(f"And {result.more} more.")
    lines += [f"Note: {each}" for each in result.notes]
    erased = f", {verifier.erased} of them erased when their time was over" if verifier.erased else ""
    speed = f", {verifier.rows / result.seconds:,.0f} a second" if result.seconds > 1 else ""
    lines.append(
        f"Looked at {_many(verifier.links, 'link')}{erased}, {_many(verifier.rows, 'row')}, in {result.seconds:.1f} s{speed}."
    )
    if result.gap and not result.grave:
        lines.append(
            f"All links that are there fit their seals. If the restore was yours, say so: foyer audit accept-gap {result.gap}. If nobody here restored the house, see"
            " docs/audit.md and change nothing."
        )
    elif not result.fits:
        lines.append(
            "The audit does NOT fit its seals. See docs/audit.md for what to do now; change nothing."
        )
    elif verifier.head is None:
        lines.append("There is no link yet: nothing is sealed.")
    else:
        of = f" of {_when(verifier.head.made_at)}" if verifier.links else ", after which none came"
        lines.append(f"All fits, up to link {verifier.head}{of}.")
        if anchor is None:
            lines.append(
                "No anchor was given: that the whole database was put back to an older copy would not be seen."
            )
    return lines


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _when(micros: int) -> str:
    return from_micros(micros).strftime("%Y-%m-%d %H:%M:%S UTC") if 0 <= micros < 10**16 else "no instant"
