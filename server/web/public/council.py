"""The council's own pages that every visitor's page leads to: its privacy notice and its accessibility statement.

The law wants both within reach of whoever is asked for something. They are the council's, at addresses of its own and in English, so the house only names them
(`FOYER_PRIVACY_NOTICE`, `FOYER_ACCESSIBILITY_STATEMENT`). A tablet by the door and a kiosk have no way out of their pages and no links to them.
"""

from __future__ import annotations

from collections.abc import Callable

from server.settings import Settings


def council_pages(settings: Settings, say: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Address and name of each page that is set; `say` gives the catalogue's words in the visitor's language."""
    known = (("privacy", settings.privacy_notice), ("accessibility", settings.accessibility_statement))
    return tuple((address, say(f"about.{what}")) for what, address in known if address)
