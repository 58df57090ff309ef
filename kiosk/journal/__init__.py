"""What this kiosk has given out, on its own disk, and what the server has yet to be told.

`Journal` is the only thing that touches the file; `handover` decides what becomes of an entry after each try.
"""

from kiosk.journal.handover import Lost, Verdict, judge
from kiosk.journal.records import NO_PACKETS, Begun, DiskError, Given, Held, HeldPacket, Order, Spooled
from kiosk.journal.store import Journal

__all__ = [
    "NO_PACKETS",
    "Begun",
    "DiskError",
    "Given",
    "Held",
    "HeldPacket",
    "Journal",
    "Lost",
    "Order",
    "Spooled",
    "Verdict",
    "judge",
]
