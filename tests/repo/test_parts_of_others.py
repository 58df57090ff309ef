"""What Foyer contains of others: its list is right, its licences are agreed to, and its bill of materials is one that other programs read."""

from __future__ import annotations

import importlib
import itertools
import json
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return {name: importlib.import_module(name) for name in ("audit", "parts", "sbom")}


@pytest.mark.parametrize(
    ("expression", "agreed"),
    [
        ("MIT", True),
        ("AGPL-3.0-only", False),
        ("GPL-2.0-or-later OR EPL-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-3.0-only)", True),
        ("(MIT OR Apache-2.0) AND AGPL-3.0-only", False),
        ("MIT MIT", False),
        ("(MIT", False),
        ("", False),
    ],
)
def test_a_licence_is_agreed_to_or_not(scripts: dict[str, ModuleType], expression: str, agreed: bool) -> None:
    assert scripts["parts"].is_allowed(expression) is agreed


def test_a_copied_file_that_was_mended_is_found(
    scripts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parts = scripts["parts"]
    assert parts.strange_files() == []
    listed = parts.VENDORED.read_text()
    digest = next(digest for one in parts.copied() for path, digest in one.files if "idiomorph" in path)
    other = tmp_path / "vendored.toml"
    other.write_text(listed.replace(digest, "0" * 64))
    monkeypatch.setattr(parts, "VENDORED", other)
    assert parts.strange_files() == [
        "server/web/static/vendor/idiomorph.js is not the file that scripts/vendored.toml lists"
    ]
    other.write_text(
        listed.replace("server/web/static/vendor/idiomorph.js", "server/web/static/vendor/gone.js")
    )
    assert len(parts.strange_files()) == 2


def test_the_bill_of_materials_names_all_and_no_address(scripts: dict[str, ModuleType]) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    lock = ROOT / "requirements.lock"
    bill = scripts["sbom"].bill(lock, "1.0.0", at)
    text = json.dumps(bill)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert "://" not in text
    names = {one["name"] for one in bill["components"]}
    assert {one.name for one in scripts["parts"].packages(lock)} <= names
    assert "idiomorph" in names
    assert bill == scripts["sbom"].bill(lock, "1.0.0", at)


def test_every_package_is_asked_about_once_in_a_round(scripts: dict[str, ModuleType]) -> None:
    audit = scripts["audit"]
    asked = audit.rounds(audit.pinned())
    for lines in asked:
        names = [line.partition("==")[0] for line in lines]
        assert len(names) == len(set(names))
    assert sorted(itertools.chain(*asked)) == audit.pinned().splitlines()
    assert len(asked) == 2  # one package has a version for each Python


@pytest.mark.parametrize("answers", [False, True], ids=["nobody there", "never answers"])
def test_an_index_that_cannot_be_asked_costs_a_bounded_time_and_is_no_pass(
    scripts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    """The real pip-audit, whose line to the index ends at a port that is shut, or that takes everything and says nothing."""
    audit = scripts["audit"]
    with socket.create_server(("127.0.0.1", 0)) as line:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{line.getsockname()[1]}")
        for name in ("https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        if not answers:
            line.close()
        flaws, why_not = audit.ask(["pip==25.0"], time.monotonic() + (2.5 if answers else 60))
    assert flaws == []
    assert why_not
    assert not answers or why_not == audit.TOO_SLOW
    assert audit.ask(["pip==25.0"], time.monotonic()) == ([], audit.TOO_SLOW)


def test_the_bill_of_a_release_is_of_its_commit(scripts: dict[str, ModuleType], tmp_path: Path) -> None:
    """Or the bill of a release made of an earlier commit names what lies in the folder today."""
    sbom, house = scripts["sbom"], tmp_path / "house"
    (house / "scripts").mkdir(parents=True)
    (house / "scripts/vendored.toml").write_text("part = []\n")
    (house / "requirements.lock").write_text(f"qrcode==8.2 \\\n    --hash=sha256:{'0' * 64}\n")
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-q", "-m", "One"),
    ):
        sbom.git(*words, of=house)
    (house / "requirements.lock").write_text("")
    sbom.write_of_commit(tmp_path / "bill.json", "HEAD", "1.0.0", house)
    bill = json.loads((tmp_path / "bill.json").read_text())
    assert [one["purl"] for one in bill["components"]] == ["pkg:pypi/qrcode@8.2"]
