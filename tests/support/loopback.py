"""Nothing a test does may leave this machine.

An audit hook sees every connection and name look-up that Python makes, in whatever library, and refuses
those that are not to this machine; a patched socket class would miss code that took the original.
Children started by the process fixture carry the same guard (`sitecustomize.py` in `guarded/`). Two
things pass it by: uvloop, which speaks to the kernel itself, and libpq; neither is given an outside
address by any test.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname()})


class LeftTheMachine(RuntimeError):
    """A test tried to reach an address that is not this machine."""


def is_local(host: object) -> bool:
    """Whether `host` (a name, an address, or None for any) means this machine."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not is_local(host):
        message = f"a test may not leave this machine, but {event} was called for {host!r}"
        raise LeftTheMachine(message)


def stay_on_this_machine() -> None:
    """Guard this process for the rest of its life (an audit hook cannot be taken out)."""
    sys.addaudithook(_refuse_outside)
