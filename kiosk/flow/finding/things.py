"""What can be found on this kiosk just now, and finding it in the visitor's own words (`search`).

A thing that is closed is found too: that it is closed today is an answer. Only what this kiosk can do is found, so papers only where there is a plate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.flow import opening
from kiosk.flow.finding.shown import Found
from kiosk.flow.scanning import entry as scanning
from wire.vocabulary import Language

if TYPE_CHECKING:
    from kiosk.flow.model import Model

SERVICE, PURPOSE, FORM, PORTAL = "service", "purpose", "form", "portal"


def listed(model: Model) -> tuple[Found, ...]:
    """What can be done here and now without waiting: forms, then pages elsewhere."""
    offered = model.offer.forms if model.offer.recipients else ()
    forms = tuple(Found(FORM, each.id, each.names, each.icon) for each in offered)
    return (*forms, *(Found(PORTAL, each.id, each.names, each.icon) for each in model.offer.portals))


def everything(model: Model) -> tuple[Found, ...]:
    services = tuple(
        Found(SERVICE, each.id, each.names, each.icon, opening.service_tile(model, each).open)
        for each in model.offer.services
    )
    papers = model.offer.purposes if scanning.offered(model) else ()
    purposes = tuple(Found(PURPOSE, each.id, each.names, each.icon) for each in papers)
    return (*listed(model), *purposes, *services)


def found(model: Model, typed: str) -> tuple[Found, ...]:
    """The things that answer what was typed, the best first."""
    from words.search import Thing, find  # with RapidFuzz, which a kiosk that never searches need not hold

    there = {(each.kind, each.id): each for each in everything(model)}
    things = [Thing(kind, id_, _texts(model, kind, id_, each.names)) for (kind, id_), each in there.items()]
    return tuple(there[hit.kind, hit.id] for hit in find(typed, things))


def _texts(model: Model, kind: str, thing_id: str, names: Mapping[str, str]) -> tuple[tuple[str, float], ...]:
    from words.search import texts_of

    others: tuple[str, ...] = ()
    helps: Mapping[str, str] = {}
    match kind:
        case "service":
            service = model.offer.service(thing_id)
            others, helps = (service.synonyms, service.help) if service else ((), {})
        case "purpose":
            helps = next((each.ready for each in model.offer.purposes if each.id == thing_id), {})
        case "form":
            form = next((each for each in model.offer.forms if each.id == thing_id), None)
            others, helps = (form.synonyms, form.help) if form else ((), {})
        case "portal":
            portal = model.offer.portal(thing_id)
            others, helps = (portal.synonyms, portal.ready) if portal else ((), {})
    return texts_of(_spoken(names, model.language), others, _spoken(helps, model.language))


def _spoken(words: Mapping[str, str], language: Language) -> tuple[str, ...]:
    """In the visitor's language, and in English, which many type in all the same."""
    return tuple(dict.fromkeys(words.get(code, "") for code in (language.value, Language.EN.value)))
