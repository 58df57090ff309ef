"""Every sentence that the kiosk's code names by its key is in the catalogue: one that is not is found here, and not by a visitor before an empty button."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from words import Catalogue

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r'"([a-z_]+)\.([a-z0-9_]+)"')
"""However it is said: whatever has the name of a table of the catalogue before its dot is meant for it."""
TABLES = frozenset(tomllib.loads((ROOT / "locale" / "en.toml").read_text("utf-8")))
NO_SENTENCES = frozenset({"paper.png"})


def test_every_sentence_that_is_named_is_there() -> None:
    there = Catalogue(strict=True)
    files = [
        *(ROOT / "kiosk").rglob("*.py"),
        *(ROOT / "kiosk").rglob("*.kv"),
        ROOT / "scripts" / "pictures.py",
    ]
    named = {
        (f"{table}.{name}", file.relative_to(ROOT))
        for file in files
        for table, name in NAMED.findall(file.read_text("utf-8"))
        if table in TABLES and f"{table}.{name}" not in NO_SENTENCES
    }
    assert len({key for key, _ in named}) > 250
    assert {(key, str(file)) for key, file in named if not there.has(key)} == set()
