"""What visitors hand in: sealed, kept, sent until the server has it, gone.

`keep` returns when a packet is safe, which takes no line: its visitor then has a receipt in the hand and goes. Sending is another matter and has all
the time in the world. It goes on with or without the other line, one packet at a time; one that is tried in vain steps behind the others, so a bad one holds
nobody up for longer than its own try. What becomes of it after each try is decided by the same rules as for the journal's entries
(`kiosk.journal.handover`): a refusal that would be the same tomorrow sets it aside at once, a packet over which the server stumbles again and again
while it takes others is set aside too, and while nothing at all is taken, nothing is set aside, however long.

Sealing, the spool and the line have threads of their own: neither a ticket nor the screen ever waits for a card that writes slowly.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from kiosk.flow.events import Received
from kiosk.journal import NO_PACKETS, DiskError, HeldPacket, Verdict
from kiosk.journal.handover import OWN_FAULT_AFTER, UNLUCKY_AFTER
from kiosk.link import pause
from kiosk.sealing import CannotSeal, recipients_of, seal_into
from kiosk.sending import InVain, NotTaken, Outcome, Sending, Taken
from kiosk.spool import Spool
from wire.packets import Packet

if TYPE_CHECKING:
    from kiosk.enrol import Paired
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.handing_in")

DISK_PAUSE = 5.0
TRY_ASIDE_SECONDS = 24 * 3600.0
LOOK_SECONDS = 3600.0
SEAL_MORE = 4096
"""What sealing adds, beyond 16 bytes for each 64 KiB: a header of some 200 bytes for each key."""
GONE = "Its file is not on the kiosk's disk any more."


class HandingIn:
    def __init__(self, runner: Runner, chance: Callable[[], float] = random.random) -> None:
        self._runner, self._chance = runner, chance
        self.spool = Spool(runner.settings.state / "spool")
        self._keys: tuple[str, ...] = ()
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="handing-in")
        self._sending: Sending | None = None
        self._more = asyncio.Event()
        self._adopted = False
        self.trouble = ""
        """Why the last try was in vain, in words for staff; empty after one that was not."""
        self.line_cut = False
        """A dev dock's lever: nothing goes out while it is down."""
        self._keepings: set[asyncio.Future[None]] = set()
        self._last_again = -1e9
        self.spooled = NO_PACKETS
        """As last counted."""

    @property
    def held(self) -> int:
        """How many packets the server has yet to get."""
        return self.spooled.held

    @property
    def ready(self) -> bool:
        """Whether anything can be kept: the kiosk knows whom to seal to. Ask before a visitor has begun."""
        try:
            recipients_of(self._keys)
        except CannotSeal:
            return False
        return True

    def rows(self, rows: Mapping[str, Any]) -> None:
        """The feed, now or as last kept."""
        row = rows.get("hand_in")
        keys = row.get("recipients", ()) if isinstance(row, Mapping) else ()
        self._keys = tuple(str(key) for key in keys)

    # Keeping ------------------------------------------------------------------------------------------------

    async def keep(self, packet: Packet) -> None:
        """Sealed and safe on this machine when it returns; sent by and by. The same packet again is kept once.

        Raises `CannotSeal` and `DiskError`; nothing of it is then on the disk, and it may be tried again with the same packet.
        """
        keeping = asyncio.ensure_future(self._keep(packet, self._keys))
        self._keepings.add(keeping)
        keeping.add_done_callback(self._keepings.discard)
        await asyncio.shield(
            keeping
        )  # who said "send" is taken at their word, though they walk away meanwhile

    async def _keep(self, packet: Packet, keys: tuple[str, ...]) -> None:
        id_, runner = packet.manifest.id, self._runner
        if id_ in await runner.in_journal(lambda journal: journal.packets()):
            return
        at = runner.moment()
        await self._in_spool(partial(self._write, packet, keys))
        try:
            await runner.in_journal(
                lambda journal: journal.add_packet(id_, packet.manifest.reference, packet.manifest.what, at)
            )
        except BaseException:
            with contextlib.suppress(DiskError):
                await self._in_spool(partial(self.spool.drop, id_))
            raise
        await self._count()
        self._more.set()

    def _write(self, packet: Packet, keys: tuple[str, ...]) -> None:
        recipients_of(keys)
        length = sum(len(body) for body in packet.files.values()) + len(
            packet.manifest.model_dump_json().encode()
        )
        most = length + length // 2048 + SEAL_MORE * (1 + len(keys))
        self.spool.keep(packet.manifest.id, most, lambda file: seal_into(packet, keys, file))

    # Sending ------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """The server seems to be there: try at once."""
        self._more.set()

    async def run(self, paired: Paired) -> None:
        """Until cancelled."""
        in_vain = 0
        try:
            while True:
                self._more.clear()
                try:
                    await self._adopt()
                    await self._try_aside()
                    held = await self._runner.in_journal(lambda journal: journal.next_packet())
                    outcome = None if held is None else await self._try(held, paired.token)
                except DiskError as error:
                    log.warning("the spool cannot be read or written: %s", error)
                    await asyncio.sleep(DISK_PAUSE)
                    continue
                if isinstance(outcome, InVain):
                    in_vain += 1
                    await self._rest(pause(in_vain, outcome.wait, self._chance()))
                else:
                    in_vain = 0
                    if outcome is None:
                        await self._rest(LOOK_SECONDS)
        finally:
            self._stop()

    def _stop(self) -> None:
        if self._sending is not None:
            self._sending.stop()

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._more.wait()

    async def _try(self, held: HeldPacket, token: str) -> Outcome:
        outcome = await self._send(held, token)
        verdict = judge(outcome, held.tries, held.others_taken)
        why = ""
        self.trouble = outcome.why if isinstance(outcome, InVain) else ""
        if isinstance(outcome, InVain):
            log.info("a packet was tried in vain (%d): %s", held.tries, outcome.why)
        if verdict is Verdict.SET_ASIDE:
            why = _for_staff(outcome)
            log.warning("a packet was set aside: %s", why)
        await self._runner.in_journal(lambda journal: journal.settle_packet(held.id, verdict, why))
        if verdict is Verdict.DONE:
            await self._in_spool(partial(self.spool.drop, held.id))
            self._runner.send(Received(held.id))
        if verdict is Verdict.SET_ASIDE:
            self._runner.more()
        await self._count()
        self._runner.reporting.settled(verdict)
        return outcome

    async def _send(self, held: HeldPacket, token: str) -> Outcome:
        if self.line_cut:
            return InVain("the line is cut by the dev dock")
        body = await self._in_spool(partial(self.spool.open, held.id))
        if body is None:
            return NotTaken(GONE)
        # Anew each time: the server may have moved meanwhile.
        sending = self._sending = Sending(self._runner.settings.server, self._runner.line.machine)
        with body:
            length = body.seek(0, 2)
            body.seek(0)
            send = partial(sending.send, held.id, body, length, token, held.age_ms)
            work = asyncio.get_running_loop().run_in_executor(self._sender, send)
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                sending.stop()
                await asyncio.wait([work])
                raise

    async def _try_aside(self) -> None:
        """At the start, and each day."""
        now = self._runner.clocks.steady()
        if now - self._last_again < TRY_ASIDE_SECONDS:
            return
        try:
            await self._runner.in_journal(lambda journal: journal.sweep())
            over = await self._runner.in_journal(lambda journal: journal.try_packets_again())
        except DiskError as error:
            # Nothing waits for it: what is handed in meanwhile makes the room that a full card lacks.
            log.error("what is old could not be let go of, which is tried again in an hour: %s", error)
            self._last_again = now - TRY_ASIDE_SECONDS + LOOK_SECONDS
            return
        self._last_again = now
        for packet in over:
            log.warning("a packet that was set aside is thrown away: its month is over")
            await self._in_spool(partial(self.spool.drop, packet))

    # What lies there ----------------------------------------------------------------------------------------

    async def _adopt(self) -> None:
        """Once: files that no row tells of were cut off between the two. See `kiosk.journal.packets`."""
        if self._adopted:
            return
        await self._in_spool(self.spool.tidy)
        known = await self._runner.in_journal(lambda journal: journal.packets())
        for packet in await self._in_spool(self.spool.ids):
            if packet not in known:
                since = self.spool.since(packet)
                await self._runner.in_journal(lambda journal: journal.adopt_packet(packet, since))  # noqa: B023  # awaited here
        self._adopted = True
        await self._count()

    async def _count(self) -> None:
        self.spooled = await self._runner.in_journal(lambda journal: journal.spooled())

    async def _in_spool(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._keeper, work)

    def close(self) -> None:
        self._stop()
        self._keeper.shutdown(wait=True)
        self._sender.shutdown(wait=False)


def judge(outcome: Outcome, tries: int, others_taken: int) -> Verdict:
    """What becomes of a packet after a try. `tries` counts this one too; `others_taken` how many the server took since the first of them."""
    if isinstance(outcome, Taken):
        return Verdict.DONE
    if isinstance(outcome, NotTaken):
        return Verdict.SET_ASIDE
    enough = OWN_FAULT_AFTER if outcome.answered else UNLUCKY_AFTER
    return Verdict.SET_ASIDE if tries >= enough and others_taken else Verdict.STEP_BACK


def _for_staff(outcome: Outcome) -> str:
    why = outcome.why if isinstance(outcome, NotTaken) else "The server stumbled over it many times."
    return (
        why if why == GONE else f"{why} It stays sealed on the kiosk for 30 days and is tried again each day."
    )
