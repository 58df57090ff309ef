"""Which letter an issuing point gets, and which number its next ticket.

Each issuing point (a kiosk, the greeter's desk, the web's check-in) owns one letter at its centre, so no two
of them can collide and none needs to ask before it gives a code. When numbers start again is decided in
`wire.codes`, because kiosks decide the same without a server.
"""

from __future__ import annotations

from collections.abc import Collection

from server.domain.refusals import Refusal
from wire.codes import Given, next_number, read_code, write_code
from wire.vocabulary import CODE_LETTERS, RefusalCode

__all__ = ["Given", "next_number", "pick_letter", "read_code", "write_code"]


def pick_letter(taken: Collection[str]) -> str | Refusal:
    """The first letter that no other point of the centre owns; points that were removed keep theirs out of
    the day's way only as long as the caller counts them as taken."""
    for letter in CODE_LETTERS:
        if letter not in taken:
            return letter
    return Refusal(
        RefusalCode.BUSY,
        f"All {len(CODE_LETTERS)} letters for tickets are in use at this centre. "
        "Remove a kiosk that is no longer there, then pair this one again.",
    )
