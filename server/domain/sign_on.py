"""What a token of the council's sign-on must say before anybody comes in by it, after its signature was found right.

Written for Microsoft Entra ID (single tenant, v2.0 tokens) and true of OpenID Connect Core 1.0, section 3.1.3.7: the issuer and the tenant are the
one that is set, the audience is us alone (or `azp` names us), it was made for the very sign-in that is coming back (`nonce`), it holds now, and it
names a person by an object id that is never given to another. What is missing is as bad as what is wrong. A refusal has a name for the audit
and a sentence for the person; neither repeats anything of the token.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LEEWAY = 120
"""Seconds by which the council's clock and ours may differ."""
LONGEST_LIFE = 24 * 3600
MOST_ROLES = 500
MOST_ID = 80

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures by a key of which only the public half is known to us. Never `none`, never one by a shared secret."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,59}")
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Why(StrEnum):
    """Why somebody was refused, for the audit and the log."""

    UNREACHABLE = "unreachable"
    DENIED = "denied"
    """The council's sign-on itself said no."""
    STATE = "state"
    CODE = "code"
    TOKEN = "token"  # noqa: S105 - a word, no password
    SIGNATURE = "signature"
    KEY = "key"
    ALGORITHM = "algorithm"
    ISSUER = "issuer"
    TENANT = "tenant"
    AUDIENCE = "audience"
    TIME = "time"
    NONCE = "nonce"
    NOBODY = "nobody"
    ROLE = "role"
    ACCOUNT = "account"


CLOCKS = "The council's sign-on and this server do not agree on the time. Tell whoever runs the server to look at its clock; nothing was changed."
NOT_OURS = "The council's sign-on answered with something that is not meant for Foyer. Nothing was changed. Sign in again; if it stays, tell your administrator."
AWAY = "The council's sign-on cannot be reached now. Nothing was changed. Try again in a minute; if you must get in at once, an administrator has an emergency account."
SAID_NO = "The council's sign-on did not let you in. Try again, or ask the council's IT help desk."

SAYS: Mapping[Why, str] = {
    Why.UNREACHABLE: AWAY,
    Why.DENIED: SAID_NO,
    Why.TIME: CLOCKS,
    Why.TENANT: "This account belongs to another organisation. Sign in with your council account.",
    Why.NOBODY: "The council's sign-on did not say who you are in a way that Foyer can rely on. Tell your administrator; nothing was changed.",
}


def say_of(why: Why) -> str:
    return SAYS.get(why, NOT_OURS)


class NotLetIn(Exception):
    """Nobody comes in by this answer."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Expected:
    """What is set: whose tokens, for whom. `tenant` empty: the issuer has no tenants, and stands for one."""

    issuer: str
    client_id: str
    tenant: str = ""


@dataclass(frozen=True)
class Person:
    """Who came, as the council says. `name` and `username` are for eyes only; nobody is found by them."""

    tenant: str
    object_id: str
    name: str
    username: str
    roles: tuple[str, ...]
    session: str | None = None
    groups_only: bool = False
    """It told groups, or that there are too many to tell, and no roles."""
    proved_at: int | None = None
    """When the council last asked them who they are, in seconds since 1970, if it says."""


def judge(claims: Mapping[str, Any], expected: Expected, nonce: str, now: float) -> Person:
    """Who this token lets in; raises NotLetIn."""
    _judge_issuer(claims, expected)
    _judge_audience(claims, expected)
    _judge_times(claims, now)
    said = claims.get("nonce")
    if (
        not isinstance(said, str)
        or not said.isascii()
        or not nonce
        or not hmac.compare_digest(said.encode(), nonce.encode())
    ):
        raise NotLetIn(Why.NONCE)
    tenant, object_id = identity_in(claims, expected)
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or len(roles) > MOST_ROLES:
        raise NotLetIn(Why.TOKEN)
    named = tuple(each for each in roles if isinstance(each, str))
    asked_at = claims.get("auth_time")
    is_moment = isinstance(asked_at, int) and not isinstance(asked_at, bool) and 0 < asked_at < 2**40
    return Person(
        tenant=tenant,
        object_id=object_id,
        name=_text(claims, "name", 80),
        username=_text(claims, "preferred_username", 120),
        roles=named,
        session=_text(claims, "sid", 120) or None,
        groups_only=not named and bool({"groups", "hasgroups", "_claim_names"} & set(claims)),
        proved_at=asked_at if is_moment else None,
    )


def identity_in(claims: Mapping[str, Any], expected: Expected) -> tuple[str, str]:
    """Tenant and object id; raises NotLetIn. An e-mail address, a user name, or what is unique to one client only, is none."""
    tenant = _text(claims, "tid", MOST_ID + 1).casefold()
    if expected.tenant and tenant != expected.tenant.casefold():
        raise NotLetIn(Why.TENANT if tenant else Why.NOBODY)
    object_id = _text(claims, "oid", MOST_ID + 1).casefold()
    if not 8 <= len(object_id) <= MOST_ID or "@" in object_id:
        raise NotLetIn(Why.NOBODY)
    return tenant or expected.issuer[:MOST_ID], object_id


@dataclass(frozen=True)
class Gone:
    """Who signed out there: the session's id, or tenant and object id; and when it was said, in seconds since 1970."""

    session: str
    tenant: str
    object_id: str
    said_at: float


def judge_logout(claims: Mapping[str, Any], expected: Expected, now: float) -> Gone:
    """Whom a logout token (OpenID Connect Back-Channel Logout 1.0) is about. Raises NotLetIn.

    Nobody keeps the tokens that were taken: one that is shown again ends no session that was begun after it was made, give or take what clocks differ."""
    _judge_issuer(claims, expected)
    _judge_audience(claims, expected)
    _judge_times(claims, now)
    events = claims.get("events")
    if not isinstance(events, dict) or LOGOUT_EVENT not in events or "nonce" in claims:
        raise NotLetIn(Why.TOKEN)
    if not _text(claims, "jti", 200):
        raise NotLetIn(Why.TOKEN)
    sid, said_at = _text(claims, "sid", 120), _moment(claims, "iat")
    if sid:
        return Gone(sid, "", "", said_at)
    return Gone("", *identity_in(claims, expected), said_at)


def _judge_issuer(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise NotLetIn(Why.ISSUER)


def _judge_audience(claims: Mapping[str, Any], expected: Expected) -> None:
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or expected.client_id not in named:
        raise NotLetIn(Why.AUDIENCE)
    by = claims.get("azp")
    if (len(named) > 1 and by is None) or (by is not None and by != expected.client_id):
        raise NotLetIn(Why.AUDIENCE)


def _judge_times(claims: Mapping[str, Any], now: float) -> None:
    ends, made = _moment(claims, "exp"), _moment(claims, "iat")
    begins = _moment(claims, "nbf") if "nbf" in claims else made
    if now > ends + LEEWAY or begins > now + LEEWAY or made > now + LEEWAY or ends - made > LONGEST_LIFE:
        raise NotLetIn(Why.TIME)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**40:
        raise NotLetIn(Why.TOKEN)
    return float(value)


def _text(claims: Mapping[str, Any], name: str, most: int) -> str:
    """Empty when it is none, or holds what cannot be shown (and no database would take)."""
    value = claims.get(name)
    return value.strip()[:most] if isinstance(value, str) and value.isprintable() else ""


def account_name(person: Person) -> str:
    """What a new account is called here: as at the council if such a name can be one, otherwise by its object id."""
    wanted = person.username.casefold()
    return wanted if _USERNAME.fullmatch(wanted) else f"council-{person.object_id[:8]}"
