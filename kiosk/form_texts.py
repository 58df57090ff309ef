"""The texts of the forms that can be filled in here, on this machine's disk, so that forms work without a line.

They are public and the same for everybody. A text is kept under the hash the feed names it by and is believed only while it has that hash, so
a card that forgets and a proxy that answers with a page of its own make no form. They are read when somebody opens one, since what reads them takes memory. What no row names any more is thrown away, except what is open.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from pathlib import Path

from forms.form import Form

MOST_BYTES = 2 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")


class FormTexts:
    """Blocks; called in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def have(self, digest: str) -> bool:
        return self._body(digest) is not None

    def form(self, digest: str) -> Form | None:
        """The form of that hash; None where it is not here, or not whole, or no form that this kiosk can read."""
        body = self._body(digest)
        return None if body is None else read(body)

    def _body(self, digest: str) -> bytes | None:
        if not _NAME.fullmatch(digest):
            return None
        try:
            body = (self._folder / f"{digest}.yaml").read_bytes()
        except OSError:
            return None
        return body if _digest(body) == digest else None

    def keep(self, digest: str, body: bytes) -> bool:
        """False: it is not the text of that hash. Raises OSError."""
        if len(body) > MOST_BYTES or _digest(body) != digest:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{digest}.new"
        with fresh.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / f"{digest}.yaml")
        return True

    def sweep(self, wanted: frozenset[str]) -> None:
        with contextlib.suppress(OSError):
            for file in list(self._folder.iterdir()):
                if file.stem not in wanted:
                    file.unlink(missing_ok=True)


def read(body: bytes) -> Form | None:
    """None where it is no form."""
    from forms.versions import form_of  # with a reader of YAML and of schemas

    try:
        return form_of(body.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
