"""Holds each generated document against the program that writes it; `--write` writes them anew.

What can be derived from the code is not written by hand. The committed copy is there to be read on the
web and in reviews, so it must be the program's own words to the letter.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WRITTEN_BY = {
    "docs/ticket-states.md": "server.domain.tickets_page",
    "docs/retention.md": "server.domain.retention_page",
    "docs/api.json": "server.web.api.v1.document",
}
"""Document: the module that prints it."""


def written(module: str) -> str:
    command = (sys.executable, "-m", module)
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str]) -> int:
    """0 when all are current (or were written), 1 otherwise."""
    stale = []
    for document, module in WRITTEN_BY.items():
        file, text = ROOT / document, written(module)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append((document, text))
    for document, text in stale:
        if "--write" in arguments:
            (ROOT / document).write_text(text, encoding="utf-8")
            print(f"wrote {document}")
        else:
            print(f"{document} is not what `python -m {WRITTEN_BY[document]}` prints; run `make documents`")
    return 1 if stale and "--write" not in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
