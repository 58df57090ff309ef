"""What a virus scanner says, and what is made of it when it says nothing."""

from pathlib import Path

import pytest

from server.papers import clamd
from server.papers.clamd import BadAddress, Virus, read_address, scan
from server.settings import Settings
from tests.support.clamd_side import SAMPLE, scanner


@pytest.mark.parametrize("unix", [True, False])
async def test_it_finds_what_is_there_and_nothing_else(unix: bool, tmp_path: Path) -> None:
    async with scanner(tmp_path if unix else None) as one:
        assert await scan(one.address, [b"a page" * 200_000, b""]) is Virus.CLEAN
        assert one.looked_at == [1_200_000, 0]
        assert await scan(one.address, [b"a page", b"x" * 300_000 + SAMPLE, b"never asked"]) is Virus.FOUND
        assert len(one.looked_at) == 4


async def test_what_it_will_not_look_at_is_not_called_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """It hangs up on a long file, and what it said before that may be lost on its way."""
    monkeypatch.setattr(clamd, "LARGEST", 1_000_000)
    async with scanner() as one:
        one.most = 1_000_000
        assert await scan(one.address, [b"ok", b"x" * 6_000_000]) is Virus.TOO_LONG
        one.broken = True
        assert await scan(one.address, [b"ok"]) is Virus.WAITS


async def test_one_that_is_away_or_silent_is_waited_for_and_no_longer_than_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clamd, "SECONDS", 0.2)
    assert await scan(f"unix:{tmp_path}/none.ctl", [b"x"]) is Virus.WAITS
    async with scanner() as one:
        one.silent = True
        assert await scan(one.address, [b"x"]) is Virus.WAITS
    assert await scan(one.address, [b"x"]) is Virus.WAITS
    assert await scan("", [b"x"]) is Virus.NOT_LOOKED


def test_a_slip_in_the_setting_is_said_at_the_start() -> None:
    for slip in ("clamd", "unix:run/clamd", "tcp:localhost", "tcp::3310", "tcp:x:0", "http://x"):
        with pytest.raises(BadAddress, match="Write unix:"):
            read_address(slip)
    with pytest.raises(ValueError, match="unix:"):
        Settings(clamd="localhost")
    assert read_address("tcp:[::1]:3310") == ("tcp", "::1", 3310)
