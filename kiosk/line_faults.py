"""Why the server is not reached, told to staff plainly: what is wrong, whose it is to mend, and that tickets go on.

The same refusal of a certificate means different things. A machine whose calendar is behind a time at which it already spoke with the server has
a wrong clock for sure, whatever the certificate says; then nobody is told of a bad certificate. A calendar nobody keeps right is the likelier cause
of "not yet valid"; an ended certificate is the server's. Nothing here ever lets a connection through: it is refused first and explained afterwards.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from websockets.exceptions import InvalidStatus

EXPIRED, NOT_YET, OTHER_NAME = 10, 9, frozenset({62, 63, 64})
"""Of OpenSSL's x509_vfy.h."""
UNKNOWN_ISSUER = frozenset({2, 7, 18, 19, 20, 21, 27})
GO_ON = "Tickets go on meanwhile and are handed over later."
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Calendar:
    """What is known of the time when a line was refused, in milliseconds since 1970: this machine's calendar, the latest time the server was heard
    at (0: never), and whether a time server keeps the calendar right (None: not known).
    """

    wall: int
    heard: int = 0
    in_step: bool | None = None

    @property
    def behind(self) -> bool:
        """It cannot be so early: the server has been heard later than that."""
        return self.wall < self.heard - DAY_MS // 24


def why(error: BaseException, server: str, calendar: Calendar, *, gives_tickets: bool = True) -> str:
    """One to four sentences for staff; empty for what a network does every day (nobody answers, a cable is out)."""
    said = _what(error, server, calendar)
    return f"{said} {GO_ON}" if said and gives_tickets else said


def _what(error: BaseException, server: str, calendar: Calendar) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, server, calendar)
    if isinstance(error, ssl.SSLError):
        return f"{server} does not speak as a secure server does. Have its certificate and proxy checked."
    if isinstance(error, socket.gaierror):
        return f"Nobody knows the address {server}. Check the network's name service, and `server` in the kiosk's settings."
    if isinstance(error, InvalidStatus):
        return _status(error.response.status_code, server)
    return ""


def _certificate(error: ssl.SSLCertVerificationError, server: str, calendar: Calendar) -> str:
    code = error.verify_code
    if code in (EXPIRED, NOT_YET) and calendar.behind:
        return "This machine's clock is wrong: it is behind a time at which it spoke with the server. Have its time set, then it connects by itself."
    if code == NOT_YET:
        kept = "though a time server keeps it" if calendar.in_step else "and no time server keeps it right"
        return f"By this machine's clock the server's certificate is not valid yet; the clock is likely wrong, {kept}. Have its time set."
    if code == EXPIRED:
        doubt = "" if calendar.in_step else " If it has not, this machine's clock is wrong."
        return f"The certificate of {server} has ended. Whoever runs the server must renew it.{doubt}"
    if code in OTHER_NAME:
        return f"What answers at {server} has a certificate of another name, so it is not trusted. Check the address and the server's certificate."
    if code in UNKNOWN_ISSUER:
        return (
            f"The certificate of {server} comes from an authority that this machine does not know, so it is not trusted."
            " Put the council's own authority on this machine, or have the server's whole chain of certificates installed."
        )
    return f"The certificate of {server} is not trusted ({error.verify_message})."


def _status(status: int, server: str) -> str:
    if 300 <= status < 400:
        return f"{server} sends elsewhere. This kiosk does not follow: whoever runs the server tells it a new address."
    if status == 407:
        return f"A proxy in this network wants a password. Let this kiosk reach {server} without it."
    if status in (502, 503, 504):
        return (
            f"{server} is there, but cannot do its work just now. If it stays so, have the server looked at."
        )
    return f"{server} answers with {status} instead of opening the line. Have the server and its proxy looked at."
