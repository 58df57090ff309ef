"""What is done in the glove box (`glovebox`): papers are checked and bound, with little memory, bounded time, no new files and low priority.

python -m server.papers.inside < packet > answer
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Sequence
from typing import BinaryIO

from server.papers.binding import Paper, bind, titles
from server.papers.checking import check_picture
from server.papers.checking_pdf import check_pdf
from server.papers.glovebox import TOO_MUCH, Made
from server.papers.unfit import Unfit
from wire.packets import NotAPacket, Packet, read_packet

MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 120
PAPERS = "papers.pdf"
UNUSUAL = "A file is of a kind that cannot be kept. Make it again, or ask a member of staff."


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
