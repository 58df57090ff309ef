"""What goes over a wire that others may read: to the database, and to the virus scanner, where they are on another machine. Asked of the line itself, not
of the settings alone, for libpq has variables and files of its own. All other lines are sealed or not made (docs/security.md)."""

from __future__ import annotations

import ipaddress

from server.doctor.ground import Ground
from server.domain.troubles import Verdict, fine, worth_knowing, wrong
from server.papers.clamd import read_address
from server.store.sql import Sql

CHECKED = ("verify-ca", "verify-full")


def lines(ground: Ground) -> list[Verdict]:
    found = []
    if not ground.is_sqlite:
        with ground.looking() as sql:
            found.append(to_database(*line_of(sql)))
    if ground.settings.clamd:
        kind, place, _ = read_address(ground.settings.clamd)
        found.append(to_scanner("" if kind == "unix" else place))
    return found


def line_of(sql: Sql) -> tuple[str, bool, bool]:
    """Where this line to PostgreSQL leads, whether it is sealed, and whether the certificate at its end was looked at."""
    line = sql.connection.connection.driver_connection
    assert line is not None
    told = {each.keyword.decode(): (each.val or b"").decode() for each in line.pgconn.info}
    return line.info.hostaddr or line.info.host, bool(line.pgconn.ssl_in_use), told.get("sslmode") in CHECKED


def is_here(place: str) -> bool:
    """Whether this is this very machine: a socket's path, or a loopback name or address."""
    if not place or place.startswith(("/", "@")) or place == "localhost":
        return True
    try:
        return ipaddress.ip_address(place).is_loopback
    except ValueError:
        return False


def to_database(place: str, sealed: bool, checked: bool) -> Verdict:
    subject = "line to the database"
    act = "Give PostgreSQL a certificate, and write sslmode=verify-full (and sslrootcert=FILE) into FOYER_DATABASE (docs/security.md)."
    if is_here(place):
        return fine(subject, "It does not leave this machine.")
    if not sealed:
        return wrong(
            subject,
            "It goes to another machine in the open: all that visitors tell can be read on the way.",
            act,
        )
    if not checked:
        say = "It is sealed, and nobody makes sure that it is the right database which answers."
        return worth_knowing(subject, say, act)
    return fine(subject, "It is sealed, and the database's certificate is looked at.")


def to_scanner(place: str) -> Verdict:
    subject = "line to the virus scanner"
    if is_here(place):
        return fine(subject, "It does not leave this machine.")
    return wrong(
        subject,
        "It goes to another machine in the open: what visitors hand in can be read on the way.",
        "Run the scanner on this machine, or lead the line through a tunnel that ends here, and name its end in FOYER_CLAMD.",
    )
