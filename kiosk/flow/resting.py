"""Whether anybody could want this screen lit: in doubt, yes.

Dark only while the centre is closed, it is known when it opens, and nobody was here for a while. Lit again well before the doors open, so that
staff who come early see a kiosk that is well; on any touch; and always while everyone must leave the building.
"""

from __future__ import annotations

from kiosk.flow.model import Model, Screen
from kiosk.flow.opening import centre_open, centre_opens

BEFORE_MS = 20 * 60_000
AWAKE_SECONDS = 180.0
"""After the last touch, or when the centre has closed: somebody may still read."""
ALWAYS = frozenset({Screen.STARTING, Screen.SETUP, Screen.EVACUATED})


def wants_light(model: Model, woken: float, closed: float) -> bool:
    """`woken` and `closed` are when it was last touched while dark, and first seen closed, by the steady clock."""
    if model.screen in ALWAYS or model.device is None or model.personal or model.ordered:
        return True
    if centre_open(model):
        return True
    if model.steady - max(model.last_touch, woken, closed) < AWAKE_SECONDS:
        return True
    opens = centre_opens(model)
    return opens is None or opens.timestamp() * 1000 - model.now < BEFORE_MS
