"""A key file that cannot be written leaves no half of one with a key in it beside itself, and two who put a key on top at once lose none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.key_file import KeyFile


class Unusable(Exception):
    pass


def test_what_could_not_be_put_there_leaves_no_key_beside(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys" / "papers.key", "# ours\n", "FOYER_PAPER_KEYS", Unusable, if_open="")
    file.make("first")
    file.make("second")
    assert file.lines() == [(2, "first")], "whoever is first has made it"

    def full(_beside: Path, _path: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(Unusable, match="No space left on device"):
        file._write("third", full)
    file.put_on_top("fourth")
    assert [line for _, line in file.lines()] == ["fourth", "first"]
    assert list(file.path.parent.iterdir()) == [file.path]


PUTTING = """
import sys
from pathlib import Path
from server.key_file import KeyFile

file = KeyFile(Path(sys.argv[1]), "# ours\\n", "FOYER_PAPER_KEYS", OSError, if_open="")
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    file.put_on_top(f"{sys.argv[2]}-{number}")
"""


def test_two_who_put_keys_on_top_at_once_lose_none(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "papers.key", "# ours\n", "FOYER_PAPER_KEYS", Unusable, if_open="")
    file.make("first")
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PUTTING, str(file.path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in both:
        each.communicate(timeout=60)
        assert each.returncode == 0
    lines = [line for _, line in file.lines()]
    assert lines[-1] == "first"
    assert sorted(lines[:-1]) == sorted(f"{name}-{number}" for name in "ab" for number in range(50))
    assert list(tmp_path.iterdir()) == [file.path]
