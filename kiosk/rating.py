"""Carries out what the rating wants: sealed if something was written, then into the journal, from which it reaches the server once, however late."""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import TYPE_CHECKING

from kiosk.flow.marks import RateEffect
from kiosk.flow.rating import acts as a
from kiosk.sealing import CannotSeal, recipients_of
from wire.device_asks import Rate
from wire.vocabulary import new_id

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.rating")


async def do(runner: Runner, effect: RateEffect) -> None:
    """Raises `DiskError`. What cannot be sealed is not kept: the face and the reason are told all the same."""
    assert isinstance(effect, a.TellRating)
    sealed = ""
    if effect.comment:
        try:
            sealed = await asyncio.to_thread(_sealed, effect.comment, effect.recipients)
        except CannotSeal as error:
            log.error("what somebody wrote at the exit could not be sealed and was not kept: %s", error)
    await runner.tell_use(
        Rate(
            rating=new_id(), score=effect.score, reason=effect.reason, sealed=sealed, language=effect.language
        )
    )


def _sealed(comment: str, recipients: tuple[str, ...]) -> str:
    import pyrage  # on the first comment, and not on every kiosk

    keys = recipients_of(recipients)
    try:
        return base64.b64encode(pyrage.encrypt(comment.encode(), keys)).decode("ascii")
    except pyrage.EncryptError:
        raise CannotSeal("The words could not be sealed with the server's key.") from None
