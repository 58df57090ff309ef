"""The texts of the forms that can be filled in here, on this machine's disk, so that forms work without a line.

They are public and the same for everybody. A text is kept under the hash the feed names it by and is believed only while it has that hash, so
a card that forgets and a proxy that answers with a page of its own make no form. What no row names any more is thrown away, except what is open.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from forms.form import Form
from forms.versions import digest_of, form_of

MOST_BYTES = 2 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")


class FormTexts:
    """Blocks; called in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def have(self, digest: str) -> bool:
        return self.form(digest) is not None

    def form(self, digest: str) -> Form | None:
        """The form of that hash; None where it is not here, or not whole."""
        if not _NAME.fullmatch(digest):
            return None
        try:
            text = (self._folder / f"{digest}.yaml").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        return form_of(text) if digest_of(text) == digest else None

    def keep(self, digest: str, body: bytes) -> bool:
        """False: it is not the text of that hash, or no form. Raises OSError."""
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return False
        if len(body) > MOST_BYTES or digest_of(text) != digest or form_of(text) is None:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{digest}.new"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / f"{digest}.yaml")
        return True

    def sweep(self, wanted: frozenset[str]) -> None:
        with contextlib.suppress(OSError):
            for file in list(self._folder.iterdir()):
                if file.stem not in wanted:
                    file.unlink(missing_ok=True)
