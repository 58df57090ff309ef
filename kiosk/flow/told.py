"""What staff have told this kiosk: everyone out, closed by hand, one sentence for everybody.

An evacuation outlives the link and a restart, because a fire takes the network first: a kiosk that forgot it
would invite people back to a ticket. But the word that all is well may never come either (the server was in
the fire, or the link stays dead), and a kiosk must not be lost for good. So without the live word it ends with
the local day on which it began: nobody works in an evacuated building past midnight, and the next morning
somebody has unlocked the door. A calendar that stands before that day is wrong, and ends nothing.

A lock stays until it is lifted, however long the link is down: somebody had a reason, and a locked screen
sends visitors to a person, which never harms. An announcement is the opposite: yesterday's "no more
tickets" would turn people away, so it shows only while it is the server's word of this moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.flow import opening
from kiosk.flow.shown import Screen

if TYPE_CHECKING:
    from kiosk.flow.model import Model
    from kiosk.flow.offer import Words


def evacuated(model: Model) -> bool:
    centre = model.offer.centre
    if centre is None or centre.evacuated_at is None or model.setup is not None:
        return False
    return model.offer_live or opening.local(model).date() <= opening.local(model, centre.evacuated_at).date()


def locked(model: Model) -> str:
    device = model.offer.device
    return device.locked if device is not None and model.setup is None else ""


def announced(model: Model) -> Words | None:
    """The newest that has not ended; on the first screens only, before anything is chosen."""
    if not model.offer_live or model.screen not in (Screen.START, Screen.NEEDS):
        return None
    return next(
        (
            told.text
            for told in model.offer.announcements
            if told.until_at is None or model.now < told.until_at
        ),
        None,
    )
