"""What can go wrong with a backup, as sentences."""

from __future__ import annotations

from server.store.database import DatabaseUnusable


class BackupUnusable(DatabaseUnusable):
    """It cannot be made, opened, restored; `str()` is a sentence that says why and what to do. No secret and nothing of a visitor stands in it."""
