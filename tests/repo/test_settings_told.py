"""Every setting stands in the table of docs/operations.md, and the table names no setting that there is not."""

from __future__ import annotations

import re

from server.settings import Settings
from tests.repo.tree import ROOT


def test_the_table_of_settings_is_the_settings() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = text.partition("## Settings")[2].partition("\n## ")[0]
    named = {
        name
        for row in re.findall(r"^\| (`FOYER_[^|]*)\|", table, re.M)
        for name in re.findall(r"FOYER_([A-Z_]+)", row)
    }
    known = {name.upper() for name in Settings.model_fields}
    assert not known - named, "say in docs/operations.md what these are for"
    assert not named - known, "there are no such settings"


def test_every_setting_says_what_it_is() -> None:
    for name, setting in Settings.model_fields.items():
        assert setting.description or name in ("port",), f"{name} has no description"
