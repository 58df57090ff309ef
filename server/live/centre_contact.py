"""How a visitor finds and reaches a centre: what its file says under `address`, `telephone`, `map_url` and `find_us`.

For public pages, messages and calendar files. Each may be empty; what is empty is not spoken of.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.store.tables import Centre
from wire.vocabulary import Language


@dataclass(frozen=True)
class CentreContact:
    name: str
    address: str = ""
    telephone: str = ""
    """As people read it, such as 0116 454 1000."""
    map_url: str = ""
    """A page with a map, https."""
    find_us: str = ""
    """Bus, parking, the step-free entrance; in the language asked for where the centre wrote it, else in English."""

    @property
    def dial(self) -> str:
        """The number for a `tel:` link."""
        return "".join(sign for sign in self.telephone if sign.isdigit() or sign == "+")


def contact_of(centre: Centre, language: str = Language.EN) -> CentreContact:
    said = centre.extra
    words = said.get("find_us", {})
    return CentreContact(
        centre.name,
        centre.address,
        said.get("telephone", ""),
        said.get("map_url", ""),
        words.get(language) or words.get(Language.EN, ""),
    )
