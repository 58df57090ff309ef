"""When a call to another system is tried again, when it is given up, and which addresses may be called at all.

Tries come at growing distances, each off by up to a fifth, so that a system that comes back is not met by everything at once. Together they
last about three days: over a weekend and a Monday morning. What is given up is kept with its reason, for a person to send again.

A webhook's address is typed by an administrator and called from inside the council's network, so it could be made to reach what only that
network reaches (server-side request forgery). Hence only https, and only addresses of the public internet, judged after the name was looked
up and for every address it has; networks inside are called only where the one who runs the server has named them. An IPv6 address that
carries an IPv4 one is judged by what it carries.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

FIRST_SECONDS = 5
GROWTH = 3
LONGEST = timedelta(hours=8)
MOST_TRIES = 17
"""5 s, 15 s, 45 s ... 3 h, then every 8 hours: three days from the first try to the last, give or take a few hours."""
LONGEST_ASKED = timedelta(hours=1)
"""So long the other side may ask us to wait (`Retry-After`)."""
MOST_URL = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


@dataclass(frozen=True)
class Outcome:
    """What came of one call. `status` None: there was no answer. `why`: a sentence for staff, empty when it went well."""

    status: int | None = None
    why: str = ""
    retry_after: int = 0
    """Seconds the other side asks us to wait; 0 when it said nothing."""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The other side wants no calls any more (410)."""
        return self.status == 410


def wait_after(call: str, tries: int, asked: int = 0) -> timedelta | None:
    """How long after try number `tries` (from 1) of this call the next comes; None when that was the last."""
    if tries >= MOST_TRIES:
        return None
    plain = min(FIRST_SECONDS * GROWTH ** (tries - 1), LONGEST.total_seconds())
    digest = hashlib.sha256(f"{call}:{tries}".encode()).digest()
    off = 0.8 + 0.4 * int.from_bytes(digest[:4], "big") / 2**32
    wanted = min(timedelta(seconds=asked), LONGEST_ASKED)
    return max(timedelta(seconds=plain * off), wanted)


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks named in a setting, such as `10.20.0.0/16, fd00::/8`. Raises ValueError with a sentence on anything else."""
    found = []
    for part in text.replace(",", " ").split():
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError:
            message = f"'{part}' is not a network such as 10.20.0.0/16."
            raise ValueError(message) from None
    return tuple(found)


def fault_of_url(url: str) -> str:
    """Why this cannot be a webhook's address, whatever its name leads to; empty when it can."""
    parts = _split(url)
    if parts is None or not parts.hostname or len(url) > MOST_URL or any(sign <= " " for sign in url):
        return "This is not an address. Enter one that begins with https://, such as https://crm.example.gov.uk/hooks/foyer."
    if not url.isascii():
        return "Write the address with plain letters only. A name in other letters has a form that begins with xn--."
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return "The address must begin with https://, so that nobody on the way can read what is sent."
    if parts.username is not None or parts.password is not None:
        return "Leave out the user name and password in the address: calls are signed instead."
    if parts.fragment:
        return "Leave out the part from # on: it is never sent."
    return ""


def fault_of_address(text: str, allowed: Sequence[Network] = ()) -> str:
    """Why this numeric address is not called; empty when it may be. `allowed`: networks inside that may."""
    try:
        address = _carried(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return f"{text} is not an address."
    if any(address.version == network.version and address in network for network in allowed):
        return ""
    if address.is_global and not address.is_multicast and not _looks_inside(address):
        return ""
    return (
        f"Its name leads to {address}, which is not an address of the public internet. If it is meant, whoever runs the server adds"
        " its network to FOYER_HOOK_PRIVATE."
    )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises on nonsense, as the reading of the host does
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _carried(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, 6to4, NAT64, the old compatible form), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _looks_inside(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return True
    return address.is_private or address.is_reserved or address.is_unspecified or address.is_link_local
