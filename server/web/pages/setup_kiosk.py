"""What the kiosk would show of a plan: the first screen, or the one behind a first choice.

The rules are the kiosk view's (`server.live.views.kiosk`): walk-in services that are neither discreet nor private, choices that have one; a
choice with one service leads straight to it and shows its help. Nothing is known here of the hour: everything is shown as open.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from server.centrefile import CentrePlan
from server.centrefile.plan import Service
from words import Catalogue


class Tile(NamedTuple):
    name: str
    help: str
    icon: str
    missing: bool
    """Said in English, for want of words in the language looked at."""


class Look(NamedTuple):
    centre: str
    language: str
    direction: str
    title: str
    lead: str
    tiles: list[Tile]
    private: str
    buttons: list[tuple[str, str]]
    """Icon and words of those that are on every screen."""
    settings: list[tuple[str, str]]
    languages: list[tuple[str, str]]
    """Code and own name of each that can be looked at."""
    tall: bool


@cache
def catalogue() -> Catalogue:
    return Catalogue()


def look_at(plan: CentrePlan, language: str = "en", choice: str = "", *, tall: bool = True) -> Look:
    """The screen behind `choice`, or the first one when there is nothing behind it."""
    words = catalogue()
    language = language if language in plan.languages else "en"
    offered = [each for each in plan.services if each.walk_in and not each.discreet and not each.private]
    within = [each for each in offered if each.choice == choice]
    second = bool(choice) and len(within) > 1
    if second:
        heading = next((each.names for each in plan.choices if each.slug == choice), {})
        title, lead = said(heading, language), words.say(language, "services.title")
        tiles = [_service(each, language) for each in within]
    else:
        title, lead = words.say(language, "needs.title"), words.say(language, "needs.lead")
        tiles = _choices(plan, offered, language)
    return Look(
        centre=plan.name,
        language=language,
        direction=words.direction(language),
        title=title,
        lead=lead,
        tiles=tiles,
        private=words.say(language, "button.private") if any(each.private for each in plan.services) else "",
        buttons=[
            (icon, words.say(language, f"button.{key}"))
            for icon, key in (("back", "back"), ("again", "start_again"), ("help", "help"))
        ],
        settings=[
            (icon, words.say(language, f"button.{key}"))
            for icon, key in (
                ("larger", "larger_text"),
                ("contrast", "high_contrast"),
                ("lower", "reach_down"),
            )
        ],
        languages=[(code, words.name(code)) for code in plan.languages],
        tall=tall,
    )


def said(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or names.get("en", "")


def _service(service: Service, language: str) -> Tile:
    return Tile(
        said(service.names, language),
        said(service.help, language),
        service.icon,
        language not in service.names,
    )


def _choices(plan: CentrePlan, offered: list[Service], language: str) -> list[Tile]:
    tiles = []
    for choice in plan.choices:
        within = [each for each in offered if each.choice == choice.slug]
        if within:
            more = said(within[0].help, language) if len(within) == 1 else ""
            tiles.append(Tile(said(choice.names, language), more, choice.icon, language not in choice.names))
    return tiles


def missing(plan: CentrePlan) -> dict[str, int]:
    """How many names and sentences that visitors may see have no words in each language offered, English aside."""
    texts: list[Mapping[str, str]] = [
        plan.wait_here,
        *(each.names for each in plan.choices),
        *(each.names for each in plan.services),
        *(each.help for each in plan.services if each.help),
        *(each.text for each in plan.messages),
        *(each.reason for each in plan.hours.closures),
    ]
    counts = {language: sum(language not in text for text in texts) for language in plan.languages}
    return {language: count for language, count in counts.items() if count}
