"""Builds the kiosk's fonts from Debian's Noto packages: `python scripts/build_fonts.py [--check [--only
Sans]]`.

Why merged fonts. A line on a kiosk or a ticket mixes scripts: "Desk 4" and a code inside Gujarati, Urdu or
Arabic. Drawing libraries take one font a line, and Noto has one script a font, so a code in a Gujarati line
would come out as boxes. Here the Latin letters (with Polish) of Noto Sans are merged into each script's font,
once, at build time; what the script's own font has for those letters is left out, so digits look the same in
every language.

What is decided: which characters (the Latin of our six languages, the whole of each script), no hinting
(merged fonts cannot share hinting programs, and at the sizes of a kiosk and a 203 dpi head it is not missed),
names of our own ("Foyer ..."; Noto is a trademark). The same packages give the same bytes: times are fixed,
names hold no dates. `--check` builds again beside and compares.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

os.environ["SOURCE_DATE_EPOCH"] = "1606003200"  # fontTools stamps this into head.modified

from fontTools import subset
from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.otBase import USE_HARFBUZZ_REPACKER

NOTO = Path("/usr/share/fonts/truetype/noto")
HERE = Path(__file__).resolve().parent.parent / "kiosk" / "fonts"
FIXED_TIME = 3_688_848_000  # seconds since 1904, any constant would do

Ranges = tuple[tuple[int, int], ...]
LATIN: Ranges = (
    (0x20, 0x7E),
    (0xA0, 0x17F),  # Latin-1, Latin Extended-A: Polish, Romanian (cedilla forms), Somali
    (0x218, 0x21B),  # Romanian comma forms
    (0x2BC, 0x2BC),
    (0x2010, 0x2027),
    (0x202F, 0x203A),
    (0x2044, 0x2044),
    (0x20A8, 0x20BF),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
)
JOINERS: Ranges = ((0x200B, 0x200F), (0x25CC, 0x25CC))
DEVANAGARI_SIGNS: Ranges = ((0x951, 0x952), (0x964, 0x965))
ARABIC: Ranges = ((0x600, 0x6FF), (0x750, 0x77F), (0xFDF2, 0xFDF2), (0xFDFA, 0xFDFD))

SCRIPTS: dict[str, tuple[str, Ranges]] = {
    "Sans": ("NotoSans", ()),
    "Gujarati": ("NotoSansGujarati", ((0xA80, 0xAFF), *DEVANAGARI_SIGNS, *JOINERS)),
    "Gurmukhi": ("NotoSansGurmukhi", ((0xA00, 0xA7F), *DEVANAGARI_SIGNS, *JOINERS)),
    "Arabic": ("NotoSansArabic", (*ARABIC, *JOINERS)),
    "Nastaliq": ("NotoNastaliqUrdu", (*ARABIC, *JOINERS)),
}
WEIGHTS = ("Regular", "Bold")
LATIN_FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]


def characters(ranges: Ranges) -> list[int]:
    return [code for first, last in ranges for code in range(first, last + 1)]


def cut_down(source: Path, wanted: Iterable[int], features: list[str]) -> TTFont:
    """The font at `source` with only the wanted characters and whatever glyphs their shaping can reach."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = features
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.glyph_names = False
    options.recalc_timestamp = False
    options.drop_tables += ["DSIG", "meta"]
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    return font


def merge(latin: TTFont, script: TTFont, room: Path) -> TTFont:
    paths = [str(room / name) for name in ("latin.ttf", "script.ttf")]
    for font, path in zip((latin, script), paths, strict=True):
        font.cfg[USE_HARFBUZZ_REPACKER] = False  # the same bytes whether or not HarfBuzz is about
        font.save(path)
    options = MergeOptions()
    options.drop_tables = ["vmtx", "vhea", "MATH", "DSIG", "gasp"]
    return Merger(options=options).merge(paths)


def name(font: TTFont, family: str, weight: str, sources: str) -> None:
    """Our own names; the sources' copyright lines stay, as their licence asks."""
    record = font["name"]
    copyrights = record.getDebugName(0)
    record.names = []
    for identifier, text in {
        0: copyrights,
        1: family,
        2: weight,
        3: f"{family} {weight}",
        4: f"{family} {weight}",
        5: f"Version 1.000; merged from {sources}",
        6: f"{family.replace(' ', '')}-{weight}",
        13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        14: "https://openfontlicense.org",
    }.items():
        record.setName(text, identifier, 3, 1, 0x409)
    font["head"].created = font["head"].modified = FIXED_TIME
    font["head"].macStyle = 1 if weight == "Bold" else 0
    font["OS/2"].fsSelection = 0x20 if weight == "Bold" else 0x40
    font["OS/2"].usWeightClass = 700 if weight == "Bold" else 400


def build_one(script: str, weight: str, folder: Path) -> Path:
    source, ranges = SCRIPTS[script]
    base = NOTO / f"NotoSans-{weight}.ttf"
    with tempfile.TemporaryDirectory() as room:
        latin = cut_down(base, characters(LATIN), LATIN_FEATURES)
        sources = f"NotoSans-{weight}"
        font = latin
        if ranges:
            taken = set(latin.getBestCmap())
            own = cut_down(
                NOTO / f"{source}-{weight}.ttf", (c for c in characters(ranges) if c not in taken), ["*"]
            )
            tall = (own["hhea"].ascent, own["hhea"].descent)
            font = merge(latin, own, Path(room))
            font["hhea"].ascent, font["hhea"].descent = max(tall[0], 1069), min(tall[1], -293)
            sources += f" and {source}-{weight}"
        name(font, f"Foyer {script}", weight, sources)
        font.recalcTimestamp = False
        target = folder / f"Foyer{script}-{weight}.ttf"
        font.cfg[USE_HARFBUZZ_REPACKER] = False
        font.save(target, reorderTables=True)
    return target


def package_version(package: str) -> str:
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


def write_sources(folder: Path) -> None:
    rows = [
        "Where these fonts come from",
        "===========================",
        "",
        "Merged and cut down by scripts/build_fonts.py from fonts of the Noto project",
        f"as packaged by Debian: fonts-noto-core {package_version('fonts-noto-core')}.",
        "They are licensed under the SIL Open Font License 1.1 (OFL.txt), like their sources.",
        "",
    ]
    for script, (source, _) in SCRIPTS.items():
        for weight in WEIGHTS:
            version = TTFont(NOTO / f"{source}-{weight}.ttf")["name"].getDebugName(5).split(";")[0]
            digest = hashlib.sha256((folder / f"Foyer{script}-{weight}.ttf").read_bytes()).hexdigest()
            rows.append(f"Foyer{script}-{weight}.ttf: {source}-{weight} ({version})")
            rows.append(f"    sha256 {digest}")
    (folder / "SOURCES.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")


def build(folder: Path, scripts: Iterable[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for script in scripts:
        for weight in WEIGHTS:
            path = build_one(script, weight, folder)
            print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


def differing(scripts: Iterable[str]) -> list[str]:
    """Names of the files in the repository that would come out otherwise now."""
    with tempfile.TemporaryDirectory() as room:
        build(Path(room), scripts)
        if scripts == SCRIPTS:
            write_sources(Path(room))
        built = sorted(Path(room).iterdir())
        return [path.name for path in built if path.read_bytes() != (HERE / path.name).read_bytes()]


def main() -> int:
    reader = argparse.ArgumentParser(description="Build the merged fonts in kiosk/fonts.")
    reader.add_argument("--check", action="store_true", help="build elsewhere and compare; change nothing")
    reader.add_argument("--only", choices=SCRIPTS, nargs="+", help="with --check: these families alone")
    wanted = reader.parse_args()
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    if not (NOTO / "NotoSans-Regular.ttf").exists():
        print("The sources are missing: apt-get install fonts-noto-core", file=sys.stderr)
        return 2
    if not wanted.check:
        build(HERE, SCRIPTS)
        write_sources(HERE)
        return 0
    changed = differing(wanted.only or SCRIPTS)
    print("Differs: " + ", ".join(changed) if changed else "The same bytes.")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
