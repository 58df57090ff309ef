"""The commands that people are told to type exist and pass on what they are given."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.repo.tree import ROOT, files, read, text_files


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", read(Path("Makefile")), re.MULTILINE))


def test_every_target_spoken_of_exists() -> None:
    spoken = {
        (str(path), target)
        for path in text_files()
        if path.suffix == ".md"
        for target in re.findall(r"(?:^|`)make ([a-z][\w-]*)", read(path), re.MULTILINE)
    }
    missing = sorted(f"{path}: make {target}" for path, target in spoken if target not in _targets())
    assert not missing, f"no such target: {missing}"


def test_every_target_is_explained() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    unexplained = [target for target in _targets() - {"help"} if f"make {target}" not in told]
    assert not unexplained, f"not in `make help`: {unexplained}"


def test_the_demo_is_given_its_options() -> None:
    options = ["SPEED=60", "AT=2026-11-24 09:25", "PLAY=1"]
    said = subprocess.run(
        ["make", "-n", "demo", *options], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert "-m demo --speed '60' --at '2026-11-24 09:25' --play" in said.stdout


def test_the_demo_runs_plain_without_options() -> None:
    said = subprocess.run(["make", "-n", "demo"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.search(r"-m demo *$", said, re.MULTILINE)


@pytest.mark.parametrize(
    "script", [path for path in files() if path.suffix == ".sh" or path == Path(".ci/run")], ids=str
)
def test_scripts_are_plain_shell_and_can_be_run(script: Path) -> None:
    """Debian's sh is dash: what only bash reads would fail on a bare machine."""
    file = ROOT / script
    assert file.stat().st_mode & 0o100, f"chmod +x {script}"
    first = read(script).partition("\n")[0]
    shell = "bash" if "bash" in first else "sh"
    done = subprocess.run([shell, "-n", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_build_machine_runs_all_tests() -> None:
    assert re.search(r"^make .*\btest \|\| verdict=\$\?$", read(Path(".ci/run")), re.MULTILINE)
