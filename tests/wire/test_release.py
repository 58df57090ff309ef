"""A program knows which release it is, though it is not installed as a package."""

from __future__ import annotations

from pathlib import Path

from wire.release import release, release_in


def test_a_clone_goes_by_its_project_file() -> None:
    assert release() == release_in(Path(__file__).parents[2]) != ""


def test_an_installed_release_goes_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    assert release_in(tmp_path) == "1.2.3"
    (tmp_path / "RELEASE.json").write_text('{"version": "1.2.3+7.abc"}')
    assert release_in(tmp_path) == "1.2.3+7.abc"


def test_damaged_files_name_nothing(tmp_path: Path) -> None:
    (tmp_path / "RELEASE.json").write_text("[1]")
    (tmp_path / "pyproject.toml").write_text("not a project")
    assert release_in(tmp_path) == ""
