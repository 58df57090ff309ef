"""Carries out what the finding wants: a page sent to a self-service PC, and the word of how it was used."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kiosk.flow.finding import acts as a
from kiosk.flow.marks import FindEffect
from kiosk.journal import Lost
from wire.asks import OpenOnPc
from wire.device_asks import Use
from wire.vocabulary import new_id

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.finding")


async def do(runner: Runner, effect: FindEffect) -> None:
    """Raises `DiskError`."""
    match effect:
        case a.OpenOnPc():
            runner.send(a.SentToPc(effect.order, await _sent(runner, effect)))
        case a.TellUse():
            await runner.tell_use(
                Use(
                    use=new_id(),
                    kind=effect.kind,
                    slug=effect.slug,
                    language=effect.language,
                    ended=effect.ended,
                    step=effect.step,
                    seconds=min(effect.seconds, 24 * 3600),
                )
            )


async def _sent(runner: Runner, effect: a.OpenOnPc) -> bool:
    """Without a line, at once: nobody can be told, and the visitor stands there."""
    link = runner.link
    if link is None or not link.open.is_set():
        return False
    answer = await link.ask(new_id(), OpenOnPc(pc=effect.pc, portal=effect.portal))
    if isinstance(answer, Lost):
        return False
    if answer.refusal is not None:
        log.info("a page could not be sent to a PC: %s", answer.refusal.code.value)
    return answer.refusal is None
