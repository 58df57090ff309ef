"""A key file that cannot be written leaves no half of one with a key in it beside itself."""

from __future__ import annotations

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
