"""What strangers hand in is opened in a process of its own: little memory, bounded time, no new files, low priority, no key, gone afterwards.

A picture that drives a decoder mad, or a PDF that unpacks to a hundred gigabytes, then costs this one submission and not the queue; and the
work of checking and binding a hundred pages does not take the interpreter from whoever calls the next visitor. Everything goes in and comes
out through pipes: nothing is ever written to a disk. Only what is to be kept (`Made`) or a sentence comes out. What works in there is `inside`; the
server itself loads none of the libraries that open papers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from server.papers.unfit import Unfit

MOST_SECONDS = 240.0
TOO_MUCH = "It takes more memory or time to open than can be given to it. Hand in fewer or smaller pages."


@dataclass(frozen=True)
class Made:
    """One file as it is kept."""

    name: str
    type: str
    pages: int
    body: bytes


def handle(packet: bytes, *, seconds: float = MOST_SECONDS) -> list[Made]:
    """Check and bind what is in a packet (in the clear, as `write_packet` made it). Blocks: call it in a thread. Raises Unfit."""
    answer = _in_the_box(packet, seconds)
    length = int.from_bytes(answer[:4], "big")
    told = json.loads(answer[4 : 4 + length])
    if "unfit" in told:
        raise Unfit(told["unfit"])
    made, at = [], 4 + length
    for each in told["made"]:
        made.append(Made(each["name"], each["type"], each["pages"], answer[at : at + each["bytes"]]))
        at += each["bytes"]
    return made


def _in_the_box(packet: bytes, seconds: float) -> bytes:
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.defpath}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "server.papers.inside"],
            input=packet,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unfit(TOO_MUCH) from None
    if done.returncode < 0:
        raise Unfit(TOO_MUCH)
    if done.returncode > 0:
        raise RuntimeError("the glove box could not be used")
    return done.stdout
