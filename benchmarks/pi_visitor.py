"""The first visitor of a machine just set up: pairs its kiosk as its administrator would, takes a ticket at its screen, and looks for it on the server.

Run by `benchmarks.pi` inside the machines' own network. Everything goes the way it would: the code is read off the kiosk's screen and typed into the
devices page over TLS, with the house's own authority as the only one trusted; the ticket is taken by touches on the buttons as drawn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time

from demo.door import Closed, Door
from tests.support.waiting import until_async
from tests.system.kiosk_screen import KioskScreen

PASSWORD = "lantern otter gravel meadow"
WAY = (
    "English",
    "Money, tax and bills",
    "Council tax",
    "Take a ticket",
    "Yes, take",
    "Yes",
    "Continue",
    "Touch",
    "Start",
)
"""What is touched, the first of these that is on the screen: the way to a ticket for council tax at York House."""


def signed_in(address: str, one_time: str) -> Door:
    """The administrator, past the one-time password."""
    door = Door(address)
    door.sign_in("ada", one_time)
    if one_time == PASSWORD:
        return door
    _, page = door.get("/password")
    csrf = re.search(r'name="csrf" value="([^"]*)"', page)
    assert csrf, "no form for a new password"
    status, _ = door.post_form("/password", csrf=csrf[1], old=one_time, new=PASSWORD, again=PASSWORD)
    if status != 303:
        raise Closed(f"the new password was not taken: {status}")
    return door


async def take_a_ticket(screen: KioskScreen, patience: float) -> str:
    """Touch by touch, always the first thing that leads on; answers the code."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with contextlib.suppress(TimeoutError):  # an emulated machine takes its time to answer
            if code := await one_step(screen, patience):
                return code
        await asyncio.sleep(1.0)
    raise AssertionError(f"no ticket within {patience:.0f} s; the screen shows {await screen.state()}")


async def one_step(screen: KioskScreen, patience: float) -> str:
    """The code, if it is shown; else whatever leads on is touched."""
    seen = await screen.state()
    if seen.get("code"):
        return str(seen["code"])
    texts = [each["text"] for each in seen.get("presses", ())]
    following = next((text for want in WAY for text in texts if text.startswith(want)), None)
    if following:
        await screen.press(following, seconds=patience)
    return ""


async def main(address: str, dock: str, one_time: str, patience: float) -> None:
    screen, began = KioskScreen(dock), time.monotonic()
    told: dict[str, object] = {}

    async def shows_code() -> str:
        return str((await screen.state()).get("setup_code") or "")

    code: str = await until_async(shows_code, patience, "the code on the kiosk's screen")
    told["code_shown"] = round(time.monotonic() - began, 1)
    door = await asyncio.to_thread(signed_in, address, one_time)
    await asyncio.to_thread(door.approve, code, "Kiosk by the door")

    async def in_service() -> bool:
        seen = await screen.state()
        return bool(seen.get("link_up")) and seen.get("screen") not in {"setup", "starting"}

    served: bool = await until_async(in_service, patience, "the kiosk in service")
    told["in_service"] = round(time.monotonic() - began, 1)
    assert served
    told["screen"] = (await screen.state())["screen"]
    told["ticket"] = await take_a_ticket(screen, patience)
    told["ticket_shown"] = round(time.monotonic() - began, 1)
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
