"""The copy of the key files tells of what went into it, and of nothing that came after."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pyrage import x25519

from server.backups import key_files
from server.domain.troubles import Level


def test_a_key_that_comes_while_the_copy_is_sealed_is_not_taken_for_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, identity, seal = tmp_path / "papers.key", x25519.Identity.generate(), pyrage.encrypt
    file.write_text("first\n")

    def meanwhile(*words: Any) -> bytes:
        file.write_text("second\nfirst\n")
        sealed: bytes = seal(*words)
        return sealed

    monkeypatch.setattr(pyrage, "encrypt", meanwhile)
    now, public = datetime(2026, 11, 24, tzinfo=UTC), [str(identity.to_public())]
    assert key_files.copy([file], tmp_path / "keys.age", public, tmp_path, now) == ["papers.key"]
    assert b"first\n" in pyrage.decrypt((tmp_path / "keys.age").read_bytes(), [identity])
    assert key_files.verdict([file], tmp_path).level is Level.WORTH_KNOWING
