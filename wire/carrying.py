"""A form begun in one place and carried on in another: from a kiosk to a phone, from the web to a kiosk.

What is filled in so far is sealed by whoever holds it (`forms.carrying`) with a key made of a secret that stands only in the QR. The house keeps
the sealed bytes under a name made of the same secret, so it can give them to whoever comes with the QR and can read none of them itself.

    kiosk -> phone    `PUT  /api/carried/<id>?slug=..&version=..&language=..`  the sealed bytes (a device's token); asked again with the same bytes: the same answer
                      the QR shows `<public_url>/carry-on/<secret>`: opened once, within MINUTES; then gone
                      `GET  /api/carried/<id>` -> CarriedNow: `opened` tells the kiosk that it may forget
                      `DELETE /api/carried/<id>`: the visitor stays at the kiosk after all
    web -> kiosk      the visitor's page shows a reference and the QR `<public_url>/carry-on/<reference>`, good for the day they come
                      `POST /api/carried/<id>/open` -> the sealed bytes, and what they are of in the headers SLUG_HEADER, VERSION_HEADER and LANGUAGE_HEADER

`id` is `forms.carrying.id_of(secret_of(text, public_url))`, `text` being what stands behind `/carry-on/`. A kiosk may open either kind, and then goes on from
there, or gives a ticket and hands in what is begun with it ("I need a person"). What is over, used or unknown is 404; who asks too often, 429.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wire.body import Body, Slug
from wire.vocabulary import Language

MINUTES = 10
"""How long a phone may take to open it."""
MOST_BYTES = 12 * 1024 * 1024
PATH = "/carry-on/"
"""What stands before the secret in the QR, after the house's public address."""
SLUG_HEADER, VERSION_HEADER, LANGUAGE_HEADER = "foyer-slug", "foyer-version", "foyer-language"


class Carrying(Body):
    """Of which form the sealed bytes are; the query of the `PUT`."""

    slug: Slug
    version: int = Field(ge=1, lt=2**31)
    language: Language = Language.EN


class CarriedNow(Body):
    """What has become of it."""

    state: Literal["waiting", "opened", "over"]
