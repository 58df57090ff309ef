"""Who must show a second factor, when somebody must show anew who they are, and whether a code of an authenticator app is right.

A code is that of RFC 6238 as every such app makes it: six digits, SHA-1, a new one each 30 seconds. One step before and one after the present
is taken too, for phones whose clock is a little off, and none that was taken before or is older than the last one taken: who reads a code over
a shoulder cannot use it again. Whoever signs in through the council's own sign-on shows a second factor there, if the council asks for one.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal

import pyotp

from wire.vocabulary import Role

Policy = Literal["chosen", "administrators", "managers", "everybody"]
Means = Literal["password", "factor", "sso", "half"]

ASKED_OF: Mapping[Policy, frozenset[Role]] = {
    "chosen": frozenset(),
    "administrators": frozenset({Role.ADMINISTRATOR}),
    "managers": frozenset({Role.ADMINISTRATOR, Role.MANAGER}),
    "everybody": frozenset(Role),
}
"""Whoever has one of these roles, at any centre, must have an app."""

STEP_SECONDS = 30
STEPS_OFF = 1
_SIX = re.compile(r"[0-9]{6}")


def must_have_factor(policy: Policy, roles: Collection[Role], *, emergency: bool, means: str) -> bool:
    """Whether this person may do nothing but make everyone leave before an authenticator app is set up."""
    if means == "sso":
        return False
    return emergency or bool(ASKED_OF[policy] & set(roles))


def step_of(secret: str, typed: str, now: datetime, last_step: int) -> int | None:
    """The time step whose code was typed, to be kept as the new `last_step`; None when it is no code of now, or was taken before."""
    code = "".join(typed.split())
    if not _SIX.fullmatch(code):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret, interval=STEP_SECONDS)
    right = None
    for step in range(present - STEPS_OFF, present + STEPS_OFF + 1):
        fits = hmac.compare_digest(app.generate_otp(step), code)
        if fits and step > last_step:
            right = step
    return right


def is_stale(proved_at: datetime, now: datetime, minutes: int) -> bool:
    """Whether a grave act asks again who this is. A moment to come, after the clock was set back, counts as long ago."""
    return not timedelta() <= now - proved_at + timedelta(minutes=1) <= timedelta(minutes=minutes + 1)
