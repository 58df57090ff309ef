"""Every setting stands in the table of docs/operations.md with its default, and the table names no setting that there is not."""

from __future__ import annotations

import re

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from server.settings import Settings
from tests.repo.tree import ROOT


def test_the_table_of_settings_is_the_settings() -> None:
    named = {
        name
        for row in re.findall(r"^\| (`FOYER_[^|]*)\|", _table(), re.M)
        for name in re.findall(r"FOYER_([A-Z_]+)", row)
    }
    known = {name.upper() for name in Settings.model_fields}
    assert not known - named, "say in docs/operations.md what these are for"
    assert not named - known, "there are no such settings"


def _table() -> str:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    return text.partition("## Settings")[2].partition("\n## ")[0]


def _is(told: str, setting: FieldInfo) -> bool:
    value = setting.get_default(call_default_factory=True)
    value = value.get_secret_value() if isinstance(value, SecretStr) else value
    if told in ("empty", "off") or "`FOYER_" in told:  # the last: worked out of another setting
        return value in ("", None, (), False, 1.0)
    plain = told.strip("`")
    spelt = f"{value:g}" if isinstance(value, float) else str(value)
    return plain in (spelt, spelt.lower())


def test_every_default_is_told_as_it_is() -> None:
    """One for all of a row, or one for each."""
    faults = []
    for row, told in re.findall(r"^\| (`FOYER_[^|]*)\|([^|]*)\|", _table(), re.M):
        names, each = re.findall(r"FOYER_([A-Z_]+)", row), [part.strip() for part in told.split(",")]
        wants = each if len(each) == len(names) else [told.strip()] * len(names)
        faults += [
            f"{name} is not {want}"
            for name, want in zip(names, wants, strict=True)
            if not _is(want, Settings.model_fields[name.lower()])
        ]
    assert not faults, faults


def test_every_setting_says_what_it_is() -> None:
    for name, setting in Settings.model_fields.items():
        assert setting.description or name in ("port",), f"{name} has no description"
