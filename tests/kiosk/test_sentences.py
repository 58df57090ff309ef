"""Every sentence that the kiosk's code names by its key is in the catalogue: one that is not is found here, and not by a visitor before an empty button."""

from __future__ import annotations

import re
from pathlib import Path

from words import Catalogue

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(
    r'\b(?:say|_said|said|in_language|Line)\(\s*(?:"[a-z]{2}",\s*|language,\s*)?"([a-z_]+\.[a-z_]+)"'
)


def test_every_sentence_that_is_named_is_there() -> None:
    there = Catalogue(strict=True)
    files = [
        *(ROOT / "kiosk").rglob("*.py"),
        *(ROOT / "kiosk").rglob("*.kv"),
        ROOT / "scripts" / "pictures.py",
    ]
    named = {
        (key, file.relative_to(ROOT)) for file in files for key in NAMED.findall(file.read_text("utf-8"))
    }
    assert len({key for key, _ in named}) > 150
    assert {(key, str(file)) for key, file in named if not there.has(key)} == set()
