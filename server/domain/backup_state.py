"""What is to be said of the house's backups, and when it is a trouble. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong

LATE = 2.5
"""Times the span between two: one that failed and is tried again with the next is no trouble yet."""
GRAVE_AFTER = timedelta(hours=26)
SUBJECT = "backups"
AWAY = "backup copies"
WHOLE = "backup files"


@dataclass(frozen=True)
class BackupState:
    """As the rows tell. Instants are aware."""

    last_made_at: datetime | None
    """Of the newest that is there, by when it was taken (`known_until`)."""
    last_checked_at: datetime | None
    """When one was last restored elsewhere and compared."""
    unchecked_say: str
    """Why the newest was not compared; empty when it was."""
    failed_at: datetime | None
    """Since the newest was made, when the last attempt failed,"""
    failed_say: str
    """and why."""
    running_since: datetime | None
    kept: int
    oldest_at: datetime | None
    size: int
    """Bytes of all that are kept."""
    began_at: datetime | None
    """When the house began this life: a new one has no backups yet."""
    vanished_at: datetime | None = None
    """When the newest was found to be gone from its folder, within the last day."""


def verdict(state: BackupState, now: datetime, every: timedelta, *, keys: bool, old: bool) -> Verdict:
    """Whether there is a backup, young enough and compared. `keys`: whether anybody is named that they are sealed to; `old`: there is something to lose."""
    if not keys:
        return (wrong if old else worth_knowing)(
            SUBJECT,
            "No backups are made: no key is named that they are sealed to. Were this machine lost, everything would be.",
            "Run 'foyer backup make-key' on another machine and put the public key it shows into FOYER_BACKUP_KEYS (docs/backups.md).",
        )
    reference = state.last_made_at or state.began_at
    why = f" The last attempt failed: {state.failed_say}" if state.failed_at is not None else ""
    if reference is not None and now - reference > LATE * every:
        what = (
            f"The last backup is {ago(now - reference)} old."
            if state.last_made_at
            else "There is no backup yet."
            if state.vanished_at is None
            else "No backup is in its folder any more."
        )
        act = "See why, then run 'foyer backup now'. What would be lost grows until one is made."
        grave = now - reference > GRAVE_AFTER
        return wrong(SUBJECT, what + why, act) if grave else worth_knowing(SUBJECT, what + why, act)
    if state.last_made_at is None:
        return not_looked_at(SUBJECT, "The first backup is made soon.")
    if state.unchecked_say:
        return worth_knowing(
            SUBJECT,
            f"The last backup was not restored elsewhere and compared: {state.unchecked_say}",
            "A backup that nobody has restored is a hope. Do what is said, or run 'foyer backup check FILE' on another machine.",
        )
    if state.vanished_at is not None:
        return worth_knowing(
            SUBJECT,
            f"What was the newest backup {ago(now - state.vanished_at)} ago is not in its folder any more, and it was not Foyer that took it away. A new one was made since.",
            "See who can write there, and that it is the folder that was meant: a share that is not mounted looks empty. 'foyer backup list' shows what is left.",
        )
    return fine(
        SUBJECT,
        f"The last backup is {ago(now - state.last_made_at)} old, and was restored elsewhere and compared.",
    )


def ago(span: timedelta) -> str:
    minutes = max(0, round(span.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 72 * 60 else f"{minutes // 1440} days"
