"""Why something was not done, in a sentence for whoever stands at the machine. Each kind has its own exit status, for scripts."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was changed, or what was changed has been put back."""

    status = 1


class Untrusted(Refused):
    """The file is not what one of our keys signed."""

    status = 3


class NoRoom(Refused):
    """The card is too full. Nothing was begun."""

    status = 4


class Busy(Refused):
    """Another one is at work."""

    status = 5


class Unhealthy(Refused):
    """The release was tried, did not do its work, and the one before stands again."""

    status = 6


class Broken(Refused):
    """Half a file: what came is shorter than what was signed, and can be fetched on."""

    status = 7
