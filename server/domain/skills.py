"""What a person may serve, and what they can do that not everybody can.

Without any skill of the kind *service* a person serves every service; with some, only those. A service that is discreet by nature is served
by those alone who may know what such a visit is about: whoever sat down for it would be told by the very call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from server.domain.selection import SIGNING
from wire.vocabulary import Role, SkillKind

Skill = tuple[str, str]
"""Its kind and its value, as stored."""


def wanted_for(skills: Iterable[Skill]) -> list[str]:
    """As a ticket's `wants` says them: language codes, and signing."""
    spoken = {value for kind, value in skills if kind == SkillKind.LANGUAGE}
    signs = {SIGNING for kind, _ in skills if kind == SkillKind.SIGN_LANGUAGE}
    return sorted(spoken | signs)


def why_not(
    slug: str, discreet: bool, name: str, skills: Collection[Skill], roles: Collection[Role], who: str = "You"
) -> str:
    """Why a person with these skills and roles may not serve this service, in a sentence; empty when they may.

    `who` begins the sentence: "You", or a colleague's name.
    """
    own = {value for kind, value in skills if kind == SkillKind.SERVICE}
    if own and slug not in own:
        what = "do not serve" if who == "You" else "does not serve"
        return f"{who} {what} {name}. An administrator can add it to {'your' if who == 'You' else 'their'} skills."
    if discreet and Role.DISCREET not in roles:
        what = "may not serve"
        return (
            f"{who} {what} {name}: it takes the right to see discreet visits. An administrator can give it."
        )
    return ""
