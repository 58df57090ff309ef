"""A page of a document as a picture, for staff who look at it: drawn in a process of its own, from memory to memory.

A PDF that a visitor sent may be made to harm whoever draws it, so it is drawn as it was checked (`glovebox`): with little memory, bounded time, no
new files and no key, by a process that is gone afterwards. Nothing is written to a disk, and nothing is kept: the next look draws it again.

    python -m server.papers.picturing <page> <width> < document > picture
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
from collections.abc import Sequence

MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 20
MOST_SECONDS = 40.0
WIDTHS = (320, 1000, 2000)
"""What may be asked for: a small one, to look at, to read."""
NO_PAGE = 3


class NoPicture(ValueError):
    """`str()` is a sentence for staff."""


def picture(body: bytes, page: int, width: int) -> bytes:
    """Page number `page` (from 0) of a PDF as JPEG, `width` dots wide. Blocks: call it in a thread. Raises NoPicture."""
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.defpath}
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(page), str(width)],
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoPicture("This page takes too long to draw. Download the document to see it.") from None
    if done.returncode == NO_PAGE:
        raise NoPicture("There is no such page.")
    if done.returncode or not done.stdout:
        raise NoPicture("This page cannot be drawn. Download the document to see it.")
    return done.stdout


# Inside ---------------------------------------------------------------------------------------------------------------


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 5))
    os.nice(5)


def draw(body: bytes, page: int, width: int) -> bytes | None:
    import pypdfium2  # type: ignore[import-untyped]  # it has no types; here: only the process that draws needs it

    with pypdfium2.PdfDocument(body) as pdf:
        if not 0 <= page < len(pdf):
            return None
        sheet = pdf[page]
        across, down = sheet.get_size()
        scale = width / max(across, 1.0)
        if across * down * scale * scale > 60_000_000:  # a page a mile long
            scale = (60_000_000 / (across * down)) ** 0.5
        out = io.BytesIO()
        sheet.render(scale=scale).to_pil().convert("RGB").save(out, "JPEG", quality=80)
        return out.getvalue()


def main(arguments: Sequence[str]) -> int:
    _confine()
    drawn = draw(sys.stdin.buffer.read(), int(arguments[0]), int(arguments[1]))
    if drawn is None:
        return NO_PAGE
    sys.stdout.buffer.write(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
