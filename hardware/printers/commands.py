"""The bytes that are sent to a receipt printer: a ticket as raster image, and the questions asked of it.

The raster command (`GS v 0`, python-escpos calls it bitImageRaster) is the one that all printers and clones
have; its rival `GS ( L` corrupts pictures of more than 909 rows. A picture is sent in strips, because clones
with little memory print nothing of one that does not fit.

Questions come in two kinds, and the difference is what makes a confirmation: *real-time* ones (`DLE EOT`) are
answered when they arrive, past everything that waits to be printed, even with the paper out; *queued* ones
(`GS r`, `GS ( H`) are answered when the printer gets to them, so one sent behind the ticket is answered only
when the ticket is done.
"""

from __future__ import annotations

from PIL import Image

STRIP_ROWS = 240
_OPPOSITE = bytes(255 - byte for byte in range(256))

INITIALISE = b"\x1b@"
STOP_UNASKED_REPORTS = b"\x1da\x00"
"""`GS a 0`. Some printers report by themselves when they are switched on; it would be read as an answer."""
CUT = b"\x1dVB\x00"
"""`GS V 66 0`: feed to the cutter, then cut, leaving one point so that the ticket does not fall."""
FEED_TO_TEAR = b"\x1bd\x05"

ASK_ONLINE = b"\x10\x04\x01"
ASK_WHY_OFFLINE = b"\x10\x04\x02"
ASK_PAPER = b"\x10\x04\x04"
ASK_SENSOR_IN_TURN = b"\x1dr\x01"


def ask_done(identifier: bytes) -> bytes:
    """`GS ( H` function 48: answer with these four characters (0x20 to 0x7E) when everything before is
    printed."""
    return b"\x1d(H\x06\x00\x30\x30" + identifier


def raster(picture: Image.Image) -> bytes:
    """A 1-bit picture whose width is a multiple of 8 (0 is ink), as raster strips."""
    strips = bytearray()
    across = picture.width // 8
    ink = picture.tobytes().translate(_OPPOSITE)  # not ImageChops.invert: in memory white may be 1 or 255
    for top in range(0, picture.height, STRIP_ROWS):
        rows = min(STRIP_ROWS, picture.height - top)
        strips += b"\x1dv0\x00" + across.to_bytes(2, "little") + rows.to_bytes(2, "little")
        strips += ink[top * across : (top + rows) * across]
    return bytes(strips)


def ticket(picture: Image.Image, *, cutter: bool) -> bytes:
    """Everything for one paper, from a known state to the cut."""
    return INITIALISE + STOP_UNASKED_REPORTS + raster(picture) + (CUT if cutter else FEED_TO_TEAR)
