"""A machine without a kiosk (a lobby display's) gets a token of its own, so that it can be brought to a release like the others.

It asks as every device does and shows a code; an administrator types it under Devices. The token goes into a file that only root reads.
"""

from __future__ import annotations

import os
import socket
import sys
import time

from asking import Line, server_of
from places import Places, write_synced
from refusal import Refused

EVERY_SECONDS = 2.0
MOST_SECONDS = 15 * 60


def pair(places: Places, server: str, name: str) -> str:
    line = Line(server_of(server), "")
    asked = line.ask("/api/enrol", {"kind": "display", "name": name or f"{socket.gethostname()} (updates)"})
    print(f"Type this code under Administration, Devices: {asked['code']}", file=sys.stderr, flush=True)
    end = time.monotonic() + MOST_SECONDS
    while time.monotonic() < end:
        claimed = line.ask("/api/enrol/claim", {"enrolment": asked["enrolment"], "secret": asked["secret"]})
        if "token" in claimed:
            _keep(places, line.server, str(claimed["token"]))
            return "This machine is paired. It is brought to releases from now on."
        time.sleep(EVERY_SECONDS)
    raise Refused("Nobody typed the code within 15 minutes. Start again.")


def _keep(places: Places, server: str, token: str) -> None:
    folder = places.root / "etc/foyer/credentials"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / "update-token"
    place.unlink(missing_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    write_synced(places.root / "etc/foyer/update.env", f"FOYER_SERVER={server}\n")
