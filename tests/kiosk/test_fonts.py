"""The fonts in the repository are what the script makes of Debian's packages, and carry their licence."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.typeset import FONTS

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(FONTS.glob("*.ttf"))
SOURCES = Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf")


def test_there_are_two_weights_of_five_families_and_they_are_small() -> None:
    assert len(FILES) == 10
    assert sum(path.stat().st_size for path in FILES) < 3_000_000


def test_licence_and_sources_are_with_them() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text()
    said = (FONTS / "SOURCES.txt").read_text()
    digests = dict(re.findall(r"^(Foyer\S+\.ttf): .*\n    sha256 ([0-9a-f]{64})$", said, re.MULTILINE))
    assert digests == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_latin_is_the_same_in_every_font(path: Path) -> None:
    """So that a code looks the same in all languages, and Polish names are whole in each."""
    weight = path.stem.split("-")[1]
    font, latin = TTFont(path), TTFont(FONTS / f"FoyerSans-{weight}.ttf")
    letters = "AKZ0123456789ąćęłńóśźżĄĆĘŁŃÓŚŹŻ–’€£"
    for letter in letters:
        name, plain = font.getBestCmap()[ord(letter)], latin.getBestCmap()[ord(letter)]
        assert font["hmtx"][name] == latin["hmtx"][plain], letter
    assert "Noto" not in str(font["name"].getDebugName(1))
    assert "Open Font License" in str(font["name"].getDebugName(13))


def test_building_again_gives_the_same_bytes() -> None:
    """Two families of five, for time; `scripts/build_fonts.py --check` does them all."""
    if not SOURCES.exists():
        pytest.skip("needs the Debian package fonts-noto-core")
    told = re.search(r"fonts-noto-core (\S+)\.$", (FONTS / "SOURCES.txt").read_text(), re.MULTILINE)
    here = subprocess.run(
        ["dpkg-query", "-W", "-f=${Version}", "fonts-noto-core"], capture_output=True, text=True, check=False
    ).stdout
    if told is None or told[1] != here:
        pytest.skip(f"fonts-noto-core is {here or 'not from Debian'} here")
    script = str(ROOT / "scripts" / "build_fonts.py")
    built = subprocess.run(
        [sys.executable, script, "--check", "--only", "Sans", "Gurmukhi"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert built.returncode == 0, built.stdout + built.stderr
