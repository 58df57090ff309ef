"""What each audience sees of a floor: pure functions from one reading to rows (wire/rows.py says which fields)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from server.live.floor import Floor
from server.live.views import kiosk, lobby, pc, phone, sign, staff
from wire.frames import Row
from wire.vocabulary import Audience

_VIEWS: Mapping[Audience, Any] = {
    Audience.LOBBY: lobby.rows,
    Audience.KIOSK: kiosk.rows,
    Audience.STAFF: staff.rows,
    Audience.PHONE: phone.rows,
    Audience.SIGN: sign.rows,
    Audience.PC: pc.rows,
}


def view(floor: Floor, audience: Audience, subject: str = "") -> Mapping[str, Row]:
    """The rows of one audience; `subject` names the visit of a phone, the counter of a sign or the device of a PC."""
    return cast("Mapping[str, Row]", _VIEWS[audience](floor, subject))
