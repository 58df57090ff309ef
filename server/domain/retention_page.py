"""docs/retention.md, written from the rules themselves (`python -m server.domain.retention_page`)."""

from __future__ import annotations

from collections.abc import Iterator

from server.domain.retention import FIXED, SETTABLE

HEAD = """# How long things are kept

This page is made from `server/domain/retention.py`, which is what the program does (`make documents`).

What is older than its time is erased by itself, a little in each round, at every centre. **Figures stay what they were**: before the detail of a day goes, the day is summed,
and the difference that the deleted rows make is kept ([figures-sums.md](figures-sums.md)); a test holds every figure of a fortnight before against the same after. An administrator sets
other times on the page *Keeping*, within the bounds below, for the whole house; a shorter one says how much would go and asks whether it is meant, because nobody can bring it back.

## What can be set

| what | kept for (bounds) | counted from | why so long | what stays |
|---|---|---|---|---|
"""
FIXED_HEAD = """
## What goes by a rule of its own

| what | until | what stays |
|---|---|---|
"""
TAIL = """
## How it is proved, and what is not

* Each erasure leaves a line: which class, up to when, how many rows, and how many were found by **looking again** in the same transaction. The page *Keeping* shows it, and says so when it is not nought.
* On SQLite what is deleted is overwritten (`secure_delete`), and the log that still holds it is started anew. A test plants marks in notes, hashes, comments, complaints, corrections and
  the audit, lets their time pass, and then searches the database file, its free pages and its log, and everything that was logged meanwhile: nothing is found.
* A kiosk's journal overwrites a visit's secret and language when it is handed over. Its code and number stay there for a week, what the server might lose again for eight days, sealed ([privacy.md](privacy.md)).
* On **PostgreSQL** deleted rows stay on the disk until they are vacuumed, and may be seen by who reads the disk itself until their space is used again. Autovacuum sees to the first;
  who needs the second runs `VACUUM FULL` when the house is closed.
* **Backups** hold what was there when they were made. Keep them no longer than the shortest time that matters to you; after a restore, what is due is erased again before anybody is served.
* A day on which a visit is still open, whatever kept it so, is not erased, and the log says so each round; the days after it are.
"""


def page() -> Iterator[str]:
    yield HEAD
    for kept in SETTABLE.values():
        yield f"| **{kept.title}**: {kept.what} | {kept.days} days ({kept.least} to {kept.most}) | {kept.since} | {kept.why} | {kept.stays} |\n"
    yield FIXED_HEAD
    for each in FIXED:
        yield f"| {each.title} | {each.until} | {each.stays} |\n"
    yield TAIL


if __name__ == "__main__":
    print("".join(page()), end="")  # noqa: T201 - this is what it is for
