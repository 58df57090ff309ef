"""The ways into a form: its tile among the first choices, and the code of one that was begun on a phone.

A form is offered when the house has said which there are and whom to seal to; without that, nobody could ever read what was sent. Whoever holds
the code of a begun form before the kiosk goes on where they were, with what they had typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from forms.form import Form, Group, Place
from forms.rules import places
from kiosk.flow import opening
from kiosk.flow.effects import Sound, Tone
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import At, Filling
from kiosk.flow.line import Line
from kiosk.flow.shown import Screen, Tile

if TYPE_CHECKING:
    from kiosk.flow.events import Scanned
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model
    from kiosk.flow.offer import FormOffer

TOUCH = Sound(Tone.TOUCH)
SCREEN = Screen.FORM
TILE = Tile(id="_form", line=Line("fill.entry"), help_line=Line("fill.entry_lead"), icon="form")
CARRY_ON = "/carry-on/"
MOST_SECRET = 100
BROUGHT_FILES = 1000
"""From which files are numbered in a form that was begun elsewhere, whose own have numbers too."""
LISTENING = frozenset({Screen.START, Screen.NEEDS, Screen.SERVICES, Screen.CHECK_IN, Screen.TOLD})


def offered(model: Model) -> bool:
    return bool(model.offer.forms) and bool(model.offer.recipients)


def form_row(model: Model, slug: str) -> FormOffer | None:
    return next((each for each in model.offer.forms if each.id == slug), None)


def begin(model: Model, at: At = At.LIST) -> Model:
    """A session of its own; its number is never given again."""
    filling = Filling(session=model.order + 1, begun=model.steady, at=at, since=model.steady)
    visitor = replace(model.visitor, filling=filling, checking=None, choice=None, notice=None)
    return replace(model, order=model.order + 1, screen=SCREEN, visitor=visitor)


def choose(model: Model, filling: Filling, slug: str) -> Step:
    row = form_row(model, slug)
    if row is None or filling.at not in (At.LIST, At.NOT_OPENED):
        return model, ()
    if filling.form is not None and filling.slug == slug:  # come back to: it goes on as it was begun
        return with_filling(model, replace(filling, at=At.START)), (TOUCH,)
    order = model.order + 1
    opening_ = Filling(
        session=filling.session, begun=filling.begun, at=At.OPENING, slug=slug, version=row.version,
        working=order, since=model.steady,
    )  # fmt: skip
    effect = a.Open(filling.session, order, slug, row.version, row.digest)
    return with_filling(replace(model, order=order), opening_), (TOUCH, effect)


def opened(model: Model, filling: Filling, event: a.Opened) -> Step:
    if filling.at is not At.OPENING or filling.working != event.order:
        return model, ()
    if event.form is None:
        return with_filling(model, replace(filling, at=At.NOT_OPENED, working=0)), (Sound(Tone.WARNING),)
    return with_filling(model, replace(filling, at=At.START, working=0, form=event.form)), ()


# What is held up --------------------------------------------------------------------------------------------


def scanned(model: Model, event: Scanned) -> Step | None:
    """None: it means nothing here, and others may hear it."""
    centre = model.offer.centre
    if event.text is None or centre is None or not offered(model) or model.ordered:
        return None
    if model.screen not in LISTENING or model.visitor.private or not opening.centre_open(model):
        return None
    secret = read_code(event.text, centre.public_url)
    if secret is None:
        return None
    heard = replace(model, last_sign=max(model.last_sign, event.at), steady=max(model.steady, event.at))
    begun = begin(heard, At.OPENING)
    filling, order = begun.visitor.filling, begun.order + 1
    assert filling is not None
    fetch = a.FetchCarried(filling.session, order, secret, centre.public_url)
    return with_filling(replace(begun, order=order), replace(filling, working=order)), (TOUCH, fetch)


def read_code(text: str, public_url: str) -> str | None:
    """The secret in the code of a begun form. Any text at all: it comes from a stranger's phone."""
    try:
        address = urlsplit(text.strip())
        ours = address.hostname is not None and address.hostname == urlsplit(public_url).hostname
    except ValueError:  # looks like an address and is none
        return None
    if not ours or CARRY_ON not in address.path:
        return None
    secret = address.path.rsplit(CARRY_ON, 1)[1].strip("/")
    return secret if secret and len(secret) <= MOST_SECRET and "/" not in secret else None


def brought(model: Model, filling: Filling, event: a.BroughtBack) -> tuple[Model, Place | None]:
    """The model with the form as it was begun elsewhere, and the page to go on from; None: it could not be had."""
    if filling.at is not At.OPENING or filling.working != event.order:
        return model, None
    form = event.form
    if form is None:
        return with_filling(model, replace(filling, at=At.NOT_OPENED, working=0)), None
    drafts = {
        place: typed for name, typed in event.typed.items() if (place := place_of(form, name)) is not None
    }
    begun = replace(
        filling, files=BROUGHT_FILES, form=form, slug=form.slug, version=event.version, answers=dict(event.answers),
        drafts=drafts, working=0,
    )  # fmt: skip
    way = places(form, event.answers)
    at = place_of(form, event.at)
    return with_filling(model, begun), at if at in way else way[0]


def place_of(form: Form, name: str) -> Place | None:
    """A place from its address (`key`, `group.0.key`)."""
    parts = name.split(".")
    groups = {step.key: step for step in form.steps if isinstance(step, Group)}
    if len(parts) == 1:
        return Place(name) if any(step.key == name for step in form.steps) else None
    group = groups.get(parts[0])
    if group is None or len(parts) != 3 or not parts[1].isdecimal():
        return None
    known = any(question.key == parts[2] for question in group.questions)
    return Place(parts[2], int(parts[1]), parts[0]) if known else None


def address_of(place: Place | None) -> str:
    if place is None:
        return ""
    return place.key if place.within is None else f"{place.within}.{place.item}.{place.key}"


def with_filling(model: Model, filling: Filling | None, **visitor: Any) -> Model:
    return replace(model, visitor=replace(model.visitor, filling=filling, **visitor))


def by_address(drafts: Mapping[Place, Any]) -> dict[str, Any]:
    return {address_of(place): typed for place, typed in drafts.items()}
