"""Why a kiosk is out of order, and the plain sentence that tells staff what to do about it.

Visitors only ever see the kind message of the catalogue; this is for the small print of that screen, for
the health report and so for the staff's page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.flow.events import Fault
from kiosk.flow.lines import WITHOUT_PAPER

if TYPE_CHECKING:
    from kiosk.flow.model import Model

_SAID = {
    Fault.JOURNAL_FULL: "This kiosk's disk is full, so no ticket can be written down. "
    "Free some space; it then goes on by itself.",
    Fault.JOURNAL_BROKEN: "This kiosk cannot write tickets down. It keeps trying. "
    "If this lasts, restart it; then have its disk checked.",
    Fault.NO_OFFER: "This kiosk has not yet heard from the server what the centre offers. "
    "Check the network and that the server runs.",
    Fault.NO_LETTER: "This kiosk has no letter for its tickets. "
    "An administrator revokes it under Devices and sets it up again.",
    Fault.COPIED: "This card belongs to another machine, so no tickets are given. Moved here on purpose? "
    "An administrator says so under Devices. If not, switch this machine off.",
    Fault.BROKEN: "Something in this kiosk's program went wrong. It is starting over by itself. "
    "If this returns, report it.",
}


def for_staff(fault: Fault, detail: str = "") -> str:
    """One or two sentences, in English, at most 500 characters (as long as a note may be)."""
    return f"{_SAID[fault]} ({detail})"[:500] if detail else _SAID[fault]


def missing(model: Model) -> Fault | None:
    """What a ticket needs that is not known: the offer, or this kiosk's letter."""
    if model.device is None or (model.offer.centre is not None and model.offer.device is not None):
        return None
    return Fault.NO_OFFER if model.offer.centre is None else Fault.NO_LETTER


def paper_can_come(model: Model) -> bool:
    return model.printer not in WITHOUT_PAPER
