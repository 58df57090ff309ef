"""The ways into the scan station: its tile among the first choices, and a code that somebody holds up.

A letter's code names the purpose and perhaps the case, a ticket's the visit its papers belong to, an appointment's the appointment. Whoever holds
one up at a kiosk with a plate has said what they came for. On an ordinary kiosk an appointment's code still means: I have arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from kiosk.flow import opening
from kiosk.flow.effects import Sound, Tone
from kiosk.flow.line import Line
from kiosk.flow.scanning.shown import At, Scanning
from kiosk.flow.shown import Screen, Tile
from wire.body import clean_text
from wire.references import read_reference
from wire.vocabulary import PartState

if TYPE_CHECKING:
    from kiosk.flow.events import Scanned
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model
    from kiosk.flow.offer import Purpose

TOUCH = Sound(Tone.TOUCH)
SCREEN = Screen.SCAN
TILE = Tile(id="_scan", line=Line("scan.entry"), help_line=Line("scan.entry_lead"), icon="scan")
HAND_IN, TICKET, CHECK_IN = "/hand-in/", "/t/", "/check-in/"
MOST_CASE = 40
MOST_SECRET = 100
ASKING = frozenset({At.PURPOSE, At.REFERENCE, At.BEFORE})
"""Where a code still tells something new."""
LISTENING = frozenset({Screen.START, Screen.NEEDS, Screen.SERVICES, Screen.CHECK_IN, Screen.TOLD})


@dataclass(frozen=True)
class Code:
    """What a code that was held up says."""

    purpose: str = ""
    case: str = ""
    follow: str = ""


def offered(model: Model) -> bool:
    """Whether papers can be scanned here at all."""
    return model.plate is not PartState.NONE and bool(model.offer.purposes) and bool(model.offer.recipients)


def purpose_of(model: Model, slug: str) -> Purpose | None:
    return next((each for each in model.offer.purposes if each.id == slug), None)


def begin(model: Model, code: Code | None = None) -> Model:
    """A session of its own; its number is never given again."""
    said = code or Code()
    scanning = Scanning(
        session=model.order + 1,
        begun=model.steady,
        case=said.case,
        follow=said.follow,
        next_begins=False,
    )
    visitor = replace(model.visitor, scanning=scanning, checking=None, choice=None, notice=None)
    begun = replace(model, order=model.order + 1, screen=SCREEN, visitor=visitor)
    only = model.offer.purposes[0].id if len(model.offer.purposes) == 1 else ""
    return chosen(begun, said.purpose or only)


def chosen(model: Model, slug: str) -> Model:
    """On with this purpose: to its reference, where there is one to be asked for that is not known; stays where it is not offered."""
    scanning, purpose = model.visitor.scanning, purpose_of(model, slug)
    if scanning is None or purpose is None:
        return model
    asks = bool(purpose.asks) and not scanning.case
    typed = scanning.typed if scanning.purpose == slug else ""
    on = replace(
        scanning, purpose=slug, typed=typed, keys=False, wrong=None, at=At.REFERENCE if asks else At.BEFORE
    )
    return replace(model, visitor=replace(model.visitor, scanning=on))


# What is held up --------------------------------------------------------------------------------------------


def scanned(model: Model, event: Scanned) -> Step | None:
    """None: it means nothing here, and check-in may hear it."""
    if model.visitor.scanning is not None and model.screen is not SCREEN:
        return model, ()  # on the way to talk in private; their pages wait for them to come back
    if event.text is None or not offered(model) or model.ordered or not opening.centre_open(model):
        return None
    scanning = model.visitor.scanning
    within = model.screen is SCREEN and scanning is not None
    if within and (scanning is None or scanning.at not in ASKING):
        return model, ()
    if not within and (model.screen not in LISTENING or scanning is not None or model.visitor.private):
        return None
    centre = model.offer.centre
    code = read_code(event.text, centre.public_url if centre else "", booked=within or _first_here(model))
    if code is None:
        return (model, ()) if within else None
    heard = replace(model, last_sign=max(model.last_sign, event.at), steady=max(model.steady, event.at))
    if not within or scanning is None:
        return begin(heard, code), (TOUCH,)
    known = replace(
        scanning, case=code.case or scanning.case, follow=code.follow or scanning.follow, wrong=None
    )
    told = replace(heard, visitor=replace(heard.visitor, scanning=known))
    return chosen(told, code.purpose or scanning.purpose), (TOUCH,)


def _first_here(model: Model) -> bool:
    return model.station.first and model.screen in (Screen.START, Screen.NEEDS)


def read_code(text: str, public_url: str, *, booked: bool) -> Code | None:
    """What a code says to a scan station; `booked`: also an appointment's. Any text at all: it comes from a stranger's paper."""
    reference = read_reference(text) if booked and "://" not in text[:12] else None
    if reference is not None:
        return Code(case=reference)
    try:
        address = urlsplit(text.strip())
        ours = address.hostname is not None and address.hostname == urlsplit(public_url).hostname
    except ValueError:  # looks like an address and is none
        return None
    path = address.path
    if not ours:
        return None
    if booked and CHECK_IN in path.lower():
        reference = read_reference(path)
        return Code(case=reference) if reference else None
    if TICKET in path:
        secret = path.rsplit(TICKET, 1)[1].strip("/")
        return Code(follow=secret) if secret and len(secret) <= MOST_SECRET and "/" not in secret else None
    if HAND_IN in path.lower():
        slug, _, case = path[path.lower().rindex(HAND_IN) + len(HAND_IN) :].partition("/")
        return Code(purpose=slug.lower(), case=clean_case(unquote(case.strip("/"))))
    return None


def clean_case(text: str) -> str:
    """A case's reference as it is kept; empty for what cannot be one."""
    try:
        kept = clean_text(" ".join(text.split()))
    except ValueError:
        return ""
    return kept if len(kept) <= MOST_CASE else ""
