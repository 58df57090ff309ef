"""What to do about a screen's page, from what it answered: pure, with the time given.

A page that does not answer is loaded anew, then the whole browser is started anew; both are quick and harm nobody, for a board has nothing to lose. A
page that is not ours (an error of the browser's, a page somebody came to) is left at once for ours. In doubt the panel is lit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 3
"""Looks in a row without an answer before anything is done."""
BEFORE_MS = 20 * 60_000
AFTER_SECONDS = 180.0
OWN_SCHEMES = frozenset({"file", "about"})
"""The page that waits for the server, and the blank one at the very start."""


class Deed(StrEnum):
    FEED = "feed"
    NOTHING = "nothing"
    GO_HOME = "go_home"
    RELOAD = "reload"
    RESTART = "restart"


@dataclass(frozen=True)
class Answer:
    """Of one look. `page` is what `foyerScreen()` said; None when the page has none (yet)."""

    url: str
    page: Mapping[str, Any] | None = None


@dataclass
class Judge:
    home: str
    """The page this screen is for."""
    silent: int = 0
    reloaded: bool = False
    _closed_since: float | None = field(default=None, repr=False)

    def on(self, answer: Answer | None) -> Deed:
        """After one look; None: it did not answer in time."""
        if answer is None:
            self.silent += 1
            if self.silent < PATIENCE:
                return Deed.NOTHING
            self.silent = 0
            self.reloaded = not self.reloaded
            return Deed.RELOAD if self.reloaded else Deed.RESTART
        self.silent = 0
        if not self._ours(answer.url):
            return Deed.GO_HOME
        self.reloaded = False
        return Deed.FEED

    def _ours(self, url: str) -> bool:
        here, home = urlsplit(url), urlsplit(self.home)
        if here.scheme in OWN_SCHEMES:
            return home.scheme != "file" or here.path == home.path
        same = (here.scheme, here.netloc) == (home.scheme, home.netloc)
        return same and here.path.startswith(home.path.rsplit("/", 1)[0] or "/")

    def lit(self, page: Mapping[str, Any] | None, now: float) -> bool:
        """Whether the panel shall be lit; `now` by a steady clock."""
        if page is None or page.get("open") is not False or page.get("evacuated"):
            self._closed_since = None
            return True
        self._closed_since = now if self._closed_since is None else self._closed_since
        opens, told = page.get("opens_at"), page.get("now")
        if not isinstance(opens, int | float) or not isinstance(told, int | float):
            return True
        return now - self._closed_since < AFTER_SECONDS or opens - told < BEFORE_MS
