"""`python -m demo`, which is `make demo`: stand York House up, tell where everything is, end it all on Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from demo import banner, page
from demo.centre import ADMINISTRATOR, LOOPBACK, READY_SECONDS, Centre, Shape, time_told
from demo.door import Closed, Door, PairedDevice
from demo.ground import Ground, centre_plan, prepare, timetable_of
from demo.morning import ADVISERS, PLAYING_GREETER, taps, visitors
from demo.opening import begin
from demo.parts import ROOT, Part, free_port
from demo.players import Adviser, Doorway, Greeter, Stage, play
from server.clock import Clock
from server.domain.hours import Open
from server.store.database import DatabaseUnusable

PLAY_SPEED = 10.0
NOTE_SECONDS = 2.0
SERVER_PORT, DOCK_PORT, PAGE_PORT, NOTIFY_PORT = 8000, 8470, 8480, 8490


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if os.environ.get("FOYER_HOST", LOOPBACK) not in (LOOPBACK, "localhost"):
        say(
            "The demonstration has sample accounts and levers, so it runs on this machine only. Take FOYER_HOST away."
        )
        return 2
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    ground = Ground(options.folder.resolve())
    ground.folder.mkdir(parents=True, exist_ok=True)
    with _alone(ground.folder) as alone:
        if not alone:
            say(
                f"A demonstration runs already with the data in {options.folder}. End it first (Ctrl-C there)."
            )
            return 1
        try:
            return asyncio.run(_Demonstration(options, ground).run())
        except Closed as error:
            say(f"The demonstration could not be set up: {error}")
            return 1
        except DatabaseUnusable as error:
            say(f"{error} RESET=1 begins with fresh data.")
            return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="make demo", description="York House on this machine.")
    reader.add_argument("--at", default="", help='start at this local time, such as "2026-11-24 09:25"')
    reader.add_argument("--speed", type=float, default=0.0, help="run the day so many times faster")
    reader.add_argument(
        "--play", action="store_true", help="visitors and advisers of a rehearsal play the day"
    )
    reader.add_argument("--reset", action="store_true", help="begin with fresh data")
    reader.add_argument("--dock", action="store_true", help="the dev dock also where the kiosk has a window")
    reader.add_argument("--no-window", action="store_true", help="no window, only the dev dock")
    reader.add_argument("--seed", type=int, default=19, help="another seed, another day")
    reader.add_argument("--folder", type=Path, default=ROOT / "var" / "demo", help=argparse.SUPPRESS)
    options = reader.parse_args(arguments)
    if not 0 <= options.speed <= 600:
        reader.error("--speed goes up to 600")
    options.speed = options.speed or (PLAY_SPEED if options.play else 1.0)
    options.at = _local_time(reader, options.at) if options.at else None
    return options


def _local_time(reader: argparse.ArgumentParser, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        reader.error(f'"{text}" is no time; write it as "2026-11-24 09:25"')


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _port(what: str, wanted: int) -> int:
    port = free_port(wanted)
    if port != wanted:
        say(f"Port {wanted} is taken, so the {what} takes {port}.")
    return port


class _Demonstration:
    def __init__(self, options: argparse.Namespace, ground: Ground) -> None:
        self.options = options
        self.ground = ground
        self.plan = centre_plan()
        self.timetable = timetable_of(self.plan)
        self.over = asyncio.Event()
        self.told: page.Told | None = None

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(each, self.over.set)
        clock = self._begin()
        passwords = prepare(self.ground, self.plan, clock.now())
        centre = self._centre(clock)
        try:
            return await self._stand(centre, passwords)
        finally:
            if sys.stdout.isatty():
                say("")
            say("Closing York House ...")
            centre.end()
            self.ground.note_time(clock.now() + timedelta(seconds=NOTE_SECONDS * self.options.speed))
            say("Closed. Its data is kept; RESET=1 begins anew.")

    def _begin(self) -> Clock:
        """The clock of this run; old data is cleared away when it cannot be gone on with."""
        if self.options.reset:
            self.ground.clear()
        at = self.options.at and self.options.at.replace(tzinfo=ZoneInfo(self.plan.timezone))
        beginning = begin(self.timetable, Clock().now(), at=at, left_at=self.ground.left_at())
        if beginning.fresh:
            say("The data kept is of a later time, so York House begins anew.")
            self.ground.clear()
        if beginning.pretended:
            say(f"York House is made to believe that it is {time_told(beginning.at, self.plan.timezone)}.")
        return Clock(beginning.at, self.options.speed)

    def _centre(self, clock: Clock) -> Centre:
        window = has_screen() and not self.options.no_window
        ports = {"server": _port("server", SERVER_PORT), "dock": _port("kiosk's page", DOCK_PORT)}
        dock = self.options.dock or not window
        phones = _port("visitors' phones", NOTIFY_PORT)
        shape = Shape(ports["server"], ports["dock"], window, dock, self.options.speed, phones)
        return Centre(self.ground, shape, clock)

    async def _stand(self, centre: Centre, passwords: Mapping[str, str]) -> int:
        say("Starting the server ...")
        centre.notify.start()
        centre.server.start()
        if not await self._until(centre.answers, centre.server):
            return 0 if self.over.is_set() else 1
        own = ("kiosk", "rehearsal") if self.options.play else ("kiosk",)
        devices = await asyncio.to_thread(centre.pair, passwords[ADMINISTRATOR], *own)
        say("Starting the kiosk ...")
        centre.write_kiosk_settings()
        centre.kiosk.start()
        if centre.shape.dock and not await self._until(centre.dock_answers, centre.kiosk):
            return 0 if self.over.is_set() else 1
        logins = banner.logins_of(self.plan, passwords)

        def token_of(display: str) -> str:
            return centre.pair(passwords[ADMINISTRATOR], display)[display].token

        dock = centre.dock_address if centre.shape.dock else ""
        time = time_told(centre.clock.now(), self.plan.timezone)
        told = page.Told(centre.address, dock, token_of, logins, self.ground.papers, time, self.options.play)
        told.phones = centre.phones_address
        desk = page.Desk(told, _port("page to begin with", PAGE_PORT))
        say(banner.block(told, desk.address, self.options.speed))
        work = [
            centre.server.keep_running(say),
            centre.notify.keep_running(say),
            centre.kiosk.keep_running(say),
            self._note_time(centre.clock),
        ]
        if self.options.play:
            work.append(self._play(centre, passwords, told, devices["rehearsal"]))
        tasks = [asyncio.create_task(each) for each in work]
        await self.over.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        desk.close()
        return 0

    async def _until(self, answers: Callable[[], bool], part: Part) -> bool:
        """Whether `part` came up; says what it said when it did not."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_SECONDS
        while not self.over.is_set() and loop.time() < deadline and part.exit_status is None:
            if await asyncio.to_thread(answers):
                return True
            await asyncio.sleep(0.1)
        if not self.over.is_set():
            say(f"The {part.name} did not start. The end of {part.log}:\n{part.last_words()}")
        return False

    async def _note_time(self, clock: Clock) -> None:
        """So that even after a power cut the next run does not set the clock back."""
        while True:
            self.ground.note_time(clock.now() + timedelta(seconds=2 * NOTE_SECONDS * self.options.speed))
            await asyncio.sleep(NOTE_SECONDS)

    async def _play(
        self, centre: Centre, passwords: Mapping[str, str], told: page.Told, own: PairedDevice
    ) -> None:
        stage = Stage(centre.address, centre.clock.now, self.options.speed, secrets=told.followed)

        async def signed_in(username: str) -> Door:
            door = Door(centre.address)
            await asyncio.to_thread(door.sign_in, username, passwords[username])
            return door

        advisers = [Adviser(stage, await signed_in(part.username), part) for part in ADVISERS]
        greeter = Greeter(stage, await signed_in(PLAYING_GREETER))
        now = centre.clock.now().astimezone(ZoneInfo(self.plan.timezone))
        standing = self.timetable.standing(now)
        if not isinstance(standing, Open):
            doors = standing.opens_at
            if doors is None or doors - now > timedelta(hours=6):
                say("York House is closed at that time, so nobody comes.")
                return
            await stage.take(doors - now)
            now = doors.astimezone(now.tzinfo)
            standing = self.timetable.standing(now)
        closes = standing.closes_at.astimezone(now.tzinfo) if isinstance(standing, Open) else now
        plan = visitors(self.options.seed, now, closes)
        counted = taps(self.options.seed, now, closes)
        expected = greeter.expect(self.options.seed, ZoneInfo(self.plan.timezone))
        await play(stage, Doorway(stage, own.device, own.token), advisers, greeter, plan, counted, expected)


if __name__ == "__main__":
    sys.exit(main())
