"""The ways in for staff: the council's sign-on (asked for its description and keys, as a sign-in would), our certificate there, and the accounts for when it
is down. Nobody is named."""

from __future__ import annotations

import asyncio
from datetime import datetime

from server.connectors.sign_on import expiry_of, open_sign_on
from server.doctor.ground import Ground
from server.domain.proving import ASKED_OF, Policy
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong
from server.store.sql import Statement
from wire.vocabulary import Role

GRAVE_DAYS, LOW_DAYS = 7, 30
_EMERGENCY = Statement(
    """SELECT COUNT(*), COUNT(a.confirmed_at) FROM staff f LEFT JOIN second_factor a ON a.staff_id = f.id
    WHERE f.emergency AND f.disabled_at IS NULL AND f.password_hash <> ''"""
)
_BARE = Statement(
    """SELECT DISTINCT f.id, r.role FROM staff f JOIN staff_role r ON r.staff_id = f.id LEFT JOIN second_factor a ON a.staff_id = f.id
    WHERE f.disabled_at IS NULL AND f.password_hash <> '' AND a.confirmed_at IS NULL"""
)
"""Whose password alone opens their account, role by role."""


def council(ground: Ground) -> list[Verdict]:
    """Whether somebody could sign in there now, and for how long our certificate is good."""
    provider = open_sign_on(ground.settings)
    if provider is None:
        return [fine("council's sign-on", "Not used: staff sign in with passwords of Foyer's own.")]
    if provider.faults:
        act = "Put the setting right and start the server anew. Until then only emergency accounts get in."
        return [wrong("council's sign-on", provider.faults[0], act)]

    async def ask() -> bool:
        try:
            return await asyncio.wait_for(provider.make_ready(), ground.seconds * 0.8)
        except TimeoutError:
            return False

    found = [stands(asyncio.run(ask()), ground.settings.sso_proxy)]
    if provider.certificate is not None:
        found.append(good_until(expiry_of(provider.certificate), ground.now))
    return found


def stands(answers: bool, proxy: str = "") -> Verdict:
    if answers:
        by = f", by the proxy {proxy}" if proxy else ""
        return fine("council's sign-on", f"It answers{by}, and its keys are known.")
    return wrong(
        "council's sign-on",
        "It does not answer as it should. Who is signed in works on; nobody else gets in but by an emergency account.",
        f"See that the proxy {proxy} lets this machine through to it, and ask the council's IT whether either is down."
        if proxy
        else "See that the firewall lets this machine through (or name the proxy in FOYER_SSO_PROXY), and ask the council's IT whether it is down.",
    )


def good_until(ends: datetime, now: datetime) -> Verdict:
    subject, days = "certificate for the sign-on", (ends - now).days
    act = (
        "Make a new one, have it added at the app registration, then put it into the file (docs/sign-on.md)."
    )
    if days < 0:
        return wrong(subject, "It has run out, and nobody can sign in by the council's sign-on.", act)
    if days < GRAVE_DAYS:
        return wrong(subject, f"It runs out in {days} days.", act)
    return (
        worth_knowing(subject, f"It runs out in {days} days.", act)
        if days < LOW_DAYS
        else fine(subject, f"Good for {days} days.")
    )


def ways_in(ground: Ground) -> list[Verdict]:
    """Whether somebody gets in when the council's sign-on is down; and where it is not used, whether a password alone opens everything."""
    with ground.looking() as sql:
        emergency, bare = sql.one(_EMERGENCY), sql.all(_BARE)
    if emergency is None:
        return [not_looked_at("ways in", "The accounts could not be counted.")]
    if ground.settings.sso_issuer:
        return [for_emergencies(int(emergency[0]), int(emergency[1]))]
    settings = ground.settings
    asked = ASKED_OF[settings.second_factor] or {Role.ADMINISTRATOR}
    people = len({staff for staff, role in bare if role in asked})
    return [by_password(people, settings.second_factor, demo=settings.demo)]


def for_emergencies(accounts: int, with_app: int) -> Verdict:
    subject = "emergency accounts"
    if not accounts:
        return wrong(
            subject,
            "There is none: when the council's sign-on is down, nobody gets in.",
            "Make two, with 'foyer staff add' and 'foyer staff emergency', and sign in with each once.",
        )
    if with_app < accounts:
        say = f"{accounts - with_app} of {accounts} has no authenticator app yet: its password alone would let somebody set one up."
        return worth_knowing(subject, say, "Have its owner sign in once and set it up, or disable it.")
    if accounts == 1:
        return worth_knowing(subject, "There is one only.", "Make a second one, for somebody else.")
    return fine(subject, f"There are {accounts}, each with an authenticator app.")


def by_password(people: int, policy: Policy, *, demo: bool) -> Verdict:
    """`people`: those of whom the policy asks an app (administrators where it asks nobody), who have a password and none."""
    subject = "second factor"
    if demo:
        return fine(subject, "Not asked for in the demonstration.")
    if policy == "chosen":
        bare = {0: "None does so now", 1: "One signs in with a password alone"}.get(
            people, f"{people} sign in with a password alone"
        )
        return worth_knowing(
            subject,
            f"It is turned off (FOYER_SECOND_FACTOR=chosen): an administrator may do without. {bare}.",
            "Take the setting away: each administrator is led through it at the next sign-in, in two minutes.",
        )
    if people:
        ones = "administrators" if policy == "administrators" else "of those it is asked of"
        have = f"One {ones.removesuffix('s')} has" if people == 1 else f"{people} {ones} have"
        return worth_knowing(
            subject,
            f"{have} not set up an authenticator app yet: whoever knows that password could set up their own.",
            "Have each sign in once, or disable the accounts that nobody uses.",
        )
    return fine(subject, "No password alone opens an account that must have an authenticator app.")
