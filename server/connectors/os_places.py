"""Ordnance Survey's Places API: addresses at a postcode, for a council that has no extract of its own gazetteer at hand.

Asked only for what the council's own list does not have, with the key in a header so that it stands in no log of addresses, and never waited for long: a visitor stands
there. Nothing is raised and nothing kept. None means that it could not be asked; the visitor then types the address, which is always possible.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from server.domain.gazetteer import Line, ordinary_address

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("foyer.os_places")
logging.getLogger("httpx").setLevel(logging.WARNING)
"""It would write each address called into the log, and with it whose postcode was asked for."""

SECONDS = 4.0
A_PAGE = 100
"""The most it tells at once."""
MOST_PAGES = 3
MOST_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class OsPlaces:
    key: str
    url: str
    seconds: float = SECONDS

    async def find(self, postcode: str) -> list[Line] | None:
        """Addresses at a whole postcode, as it lists them."""
        import httpx  # 18 MB with what it brings: few councils ask elsewhere, and none at the start

        found: list[Line] = []
        try:
            async with httpx.AsyncClient(timeout=self.seconds, trust_env=False) as client:
                for page in range(MOST_PAGES):
                    results = await self._page(client, postcode, page * A_PAGE)
                    found += (line for each in results if (line := _line(each)) is not None)
                    if len(results) < A_PAGE:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("addresses could not be asked for: %s", type(error).__name__)
            return None
        return found

    async def _page(self, client: httpx.AsyncClient, postcode: str, offset: int) -> list[Any]:
        answer = await client.get(
            f"{self.url.rstrip('/')}/search/places/v1/postcode",
            params={"postcode": postcode, "dataset": "DPA", "maxresults": str(A_PAGE), "offset": str(offset)},
            headers={"key": self.key, "accept": "application/json"},
        )
        if answer.status_code != HTTPStatus.OK:
            log.warning("addresses could not be asked for: status %s", answer.status_code)
            raise ValueError
        if len(answer.content) > MOST_BYTES:
            raise ValueError
        told = answer.json()
        results = told.get("results", []) if isinstance(told, dict) else None
        if not isinstance(results, list):
            raise ValueError
        return results


def _line(result: Any) -> Line | None:
    told = result.get("DPA") if isinstance(result, dict) else None
    if not isinstance(told, dict):
        return None
    return ordinary_address(
        str(told.get("UPRN", "")), str(told.get("POSTCODE", "")), str(told.get("ADDRESS", ""))
    )
