"""Who and what may take appointments of a service.

A person serves what their skills say (`server.domain.skills`), unless their own list of services is given, which then decides; one whose account
is disabled, or who has no role at the centre any more, serves nothing. What is discreet by nature is served by those alone who may know it, so
never by a person without an account, whose rights nobody has set down. A room serves the services that name it, an interpreter whoever asked
for their language.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from server.domain.offers import Offer
from server.domain.skills import Skill, why_not
from wire.vocabulary import BookableKind, Role, SkillKind


@dataclass(frozen=True)
class Account:
    """Of a person who has one: what they can do at the centre."""

    roles: frozenset[Role] = frozenset()
    skills: frozenset[Skill] = frozenset()
    disabled: bool = False


@dataclass(frozen=True)
class Somebody:
    """A bookable as the rules see it. `counter` is a room's slug; `services` empty: not narrowed."""

    id: int
    kind: str
    name: str
    services: Collection[str] = ()
    languages: Sequence[str] = ()
    account: Account | None = None
    counter: str = ""

    @property
    def speaks(self) -> frozenset[str]:
        """Language codes and `sign_language`."""
        if self.account is None:
            return frozenset(self.languages)
        skills = self.account.skills
        spoken = {value for kind, value in skills if kind == SkillKind.LANGUAGE}
        signs = {SkillKind.SIGN_LANGUAGE.value for kind, _ in skills if kind == SkillKind.SIGN_LANGUAGE}
        return frozenset(spoken | signs | set(self.languages))


def why_not_taken(slug: str, discreet: bool, name: str, offer: Offer, who: Somebody) -> str:
    """Why `who` may not take appointments of this service, in a sentence for staff; empty when they may."""
    if who.services and slug not in who.services:
        return f"{who.name} takes no appointments for {name}."
    if who.kind == BookableKind.ROOM:
        return "" if who.counter in offer.rooms else f"{who.name} is not one of the rooms for {name}."
    if who.kind == BookableKind.INTERPRETER:
        return ""
    return _why_not_person(slug, discreet, name, who)


def _why_not_person(slug: str, discreet: bool, name: str, who: Somebody) -> str:
    account = who.account
    if account is None:
        return f"{who.name} has no account with the right to see discreet visits." if discreet else ""
    if account.disabled or not account.roles:
        return f"{who.name} does not work here any more."
    named = slug in who.services
    skills = {skill for skill in account.skills if not (named and skill[0] == SkillKind.SERVICE)}
    return why_not(slug, discreet, name, skills, account.roles, who.name)
