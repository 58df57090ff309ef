"""Why something was not done, in a sentence for whoever stands at the machine. Each kind has its own exit status, for scripts."""

from __future__ import annotations

import errno


class Refused(Exception):
    """Nothing was changed, or what was changed has been put back."""

    status = 1


class Untrusted(Refused):
    """The file is not what one of our keys signed."""

    status = 3


class NoRoom(Refused):
    """The card is too full. Nothing was begun."""

    status = 4


FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FAILING = frozenset({errno.EROFS, errno.EIO})
"""A card on its way out: Linux lets it only be read once a write went wrong."""


def full(why: str = "") -> NoRoom:
    """Said at the machine, and on the page of the fleet by somebody far from it."""
    return NoRoom(
        f"The card of this machine is full{why}. See what fills it (sudo du -xhd2 /), take releases away that are not needed "
        "(sudo /opt/foyer/current/deploy/raspberrypi/foyer-release prune), or give it a larger card."
    )


def of_the_card(error: OSError) -> Refused | None:
    """What a refused write or read says of the card; None when it is about something else."""
    if error.errno in FULL:
        return full()
    if error.errno in FAILING:
        return Refused(
            f"The card of this machine fails ({error.strerror}). Start it anew; if this comes again, give it a new card."
        )
    return None


class Busy(Refused):
    """Another one is at work."""

    status = 5


class Unhealthy(Refused):
    """The release was tried, did not do its work, and the one before stands again."""

    status = 6


class Broken(Refused):
    """Half a file: what came is shorter than what was signed, and can be fetched on."""

    status = 7
