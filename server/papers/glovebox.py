"""What strangers hand in is opened in a process of its own: little memory, bounded time, no new files, low priority, no key, gone afterwards.

A picture that drives a decoder mad, or a PDF that unpacks to a hundred gigabytes, then costs this one submission and not the queue; and the
work of checking and binding a hundred pages does not take the interpreter from whoever calls the next visitor. Everything goes in and comes
out through pipes: nothing is ever written to a disk. Only `Handled` or a sentence comes out.

    python -m server.papers.glovebox < packet > answer
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from server.papers.binding import Paper, bind, titles
from server.papers.checking import Unfit, check_picture
from server.papers.checking_pdf import check_pdf
from wire.packets import NotAPacket, Packet, read_packet

MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 120
MOST_SECONDS = 240.0
PAPERS = "papers.pdf"
UNUSUAL = "A file is of a kind that cannot be kept. Make it again, or ask a member of staff."
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
            [sys.executable, "-m", __name__],
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


# Inside ---------------------------------------------------------------------------------------------------------------


def made_of(packet: Packet) -> list[Made]:
    """The files to keep: one PDF of all papers, and every other file by itself. Raises Unfit."""
    manifest, checked, kept = packet.manifest, {}, []
    of_papers = {page for paper in manifest.papers for page in paper.pages}
    for each in manifest.files:
        if each.type != "application/pdf":
            checked[each.name] = check_picture(each.type, packet.files[each.name]).body
            if each.name not in of_papers:
                kept.append(Made(each.name, each.type, 1, checked[each.name]))
        elif each.name in of_papers:
            raise Unfit("A page of a paper is a PDF. Pages are pictures.")
        else:
            pdf = check_pdf(packet.files[each.name])
            kept.append(Made(each.name, each.type, pdf.pages, pdf.body))
    if manifest.papers:
        named = titles([paper.kind for paper in manifest.papers])
        papers = [
            Paper(title, [checked[page] for page in paper.pages])
            for title, paper in zip(named, manifest.papers, strict=True)
        ]
        kept.insert(0, Made(PAPERS, "application/pdf", len(of_papers), bind(papers)))
    return kept


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 5))
    os.nice(10)


def _write(out: BinaryIO, told: object, bodies: Sequence[bytes]) -> None:
    head = json.dumps(told).encode()
    out.write(len(head).to_bytes(4, "big") + head)
    for body in bodies:
        out.write(body)
    out.flush()


def main() -> None:
    _confine()
    out = sys.stdout.buffer
    try:
        made = made_of(read_packet(sys.stdin.buffer.read()))
    except Unfit as unfit:
        _write(out, {"unfit": str(unfit)}, ())
    except NotAPacket as wrong:
        _write(out, {"unfit": f"It is not a packet: {wrong}"}, ())
    except MemoryError:
        _write(out, {"unfit": TOO_MUCH}, ())
    except (
        Exception
    ):  # said as a refusal, so that its kiosk tells staff; as a fault of ours it would be sent again for ever
        _write(out, {"unfit": UNUSUAL}, ())
    else:
        told = [
            {"name": each.name, "type": each.type, "pages": each.pages, "bytes": len(each.body)}
            for each in made
        ]
        _write(out, {"made": told}, [each.body for each in made])


if __name__ == "__main__":
    main()
