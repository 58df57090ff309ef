"""Laws of what is written: nothing of the machine it was made on, links that lead somewhere, licences
beside what others made, and no department's name in front of a visitor.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repo.tree import ROOT, files, lines, read, text_files

THIS = Path("tests/repo/test_texts.py")
MACHINE = re.compile(r"(?<![\w.:/])/(work|root|tmp|mnt|Users)/[\w.-]|/home/(?!pi/|foyer/|kiosk/)\w+/")
MACHINE_ALLOWED = {"deploy/": "paths on a kiosk, which are the same on every kiosk"}
REGISTRY = re.compile(
    # A letter of each name stands in brackets, so that this page does not hold the names it looks for.
    r"--(extra-)?index-ur[l]|--find-link[s]|pythonhoste[d]\.org|//pyp[i]\.|registry\.npmj[s]|//deb\.debia[n]\.org|artifactor[y]|"
    r"artifact-?registry|\.pkg\.dev|resolved\": *\"https?:"
)


def test_no_path_of_the_machine_it_was_written_on() -> None:
    found = [
        place
        for path in text_files()
        if path != THIS and not str(path).startswith(tuple(MACHINE_ALLOWED))
        for place, line in lines(path)
        if MACHINE.search(line)
    ]
    assert not found, f"paths of one machine; use a relative path or tempfile: {found}"


def test_no_address_of_a_package_registry() -> None:
    """Whoever installs says where from; the locks say what, by hash."""
    found = [
        place
        for path in text_files()
        if path != THIS
        for place, line in lines(path)
        if REGISTRY.search(line) and not re.match(r"#\s+uv pip compile .*--no-emit-index-url", line)
    ]
    assert not found, f"addresses of registries: {found}"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + read(Path(lock)))[1:]
    assert len(entries) > 20
    bare = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not bare, f"without a hash: {bare}"
    assert not [entry.split()[0] for entry in entries if not re.match(r"[\w.-]+(\[[\w,]+\])?==", entry)]


def test_the_locks_agree() -> None:
    """What is tested is what runs."""
    run, test = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", read(Path(lock)), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert {
        name: (version, test.get(name)) for name, version in run.items() if test.get(name) != version
    } == {}


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads(read(Path("pyproject.toml")))["project"]
    optional = project["optional-dependencies"]
    asked = {
        "requirements.lock": project["dependencies"] + optional["server"] + optional["kiosk"],
        "requirements-dev.lock": optional["dev"],
    }
    missing = [
        f"{name} in {lock}"
        for lock, wants in asked.items()
        for want in wants
        if (name := _normal(re.split(r"[\[<>=; ]", want)[0])) not in _locked(lock)
    ]
    assert not missing, f"regenerate the locks: {missing}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(lock: str) -> set[str]:
    return {_normal(name) for name in re.findall(r"^([\w.-]+)==", read(Path(lock)), re.MULTILINE)}


# Links ---------------------------------------------------------------------------------------------


def _links(path: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", read(path), flags=re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    yield from re.findall(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)", text)
    yield from re.findall(r"<(?:img|a)\b[^>]*\b(?:src|href)=\"([^\"]+)\"", text)


def _anchors(path: Path) -> set[str]:
    """As GitHub and Forgejo make them: small letters, no punctuation, hyphens for spaces."""
    text = re.sub(r"```.*?```", "", read(path), flags=re.DOTALL)
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings
    }


def test_links_in_documents_lead_somewhere() -> None:
    broken = []
    for path in (path for path in text_files() if path.suffix == ".md"):
        for link in _links(path):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = Path(ROOT, path.parent, name).resolve() if name else ROOT / path
            if not target.exists():
                broken.append(f"{path}: {link}")
            elif anchor and target.suffix == ".md" and anchor not in _anchors(target.relative_to(ROOT)):
                broken.append(f"{path}: {link} (no such heading)")
    assert not broken, f"links that lead nowhere: {broken}"


# What others made ----------------------------------------------------------------------------------

FONTS = {".ttf", ".otf", ".woff", ".woff2"}
LICENCE = re.compile(r"(LICEN[CS]E|COPYING|OFL|NOTICE)", re.IGNORECASE)


def _made_by_others() -> set[Path]:
    """Folders of fonts, and each folder right inside one called `vendor`."""
    fonts = {path.parent for path in files() if path.suffix in FONTS}
    vendored = {
        Path(*path.parts[: path.parts.index("vendor") + 2])
        for path in files()
        if "vendor" in path.parts[:-2] and not any(part.startswith(".") for part in path.parts)
    }
    inside = {font for font in fonts if any(font.is_relative_to(folder) for folder in vendored)}
    return (fonts - inside) | vendored


def test_what_others_made_has_its_licence_beside_it() -> None:
    found = _made_by_others()
    assert Path("tests/vendor/axe-core") in found
    bare = [
        str(folder)
        for folder in sorted(found)
        if not any(LICENCE.search(path.name) for path in files() if path.is_relative_to(folder))
    ]
    assert not bare, f"add the licence of what is in {bare}"


def test_what_others_made_is_named_in_the_notice() -> None:
    notice = read(Path("NOTICE"))
    missing = [str(folder) for folder in sorted(_made_by_others()) if f"{folder}/" not in notice]
    assert not missing, f"name in NOTICE: {missing}"


def test_the_licence_is_whole() -> None:
    text = read(Path("LICENSE"))
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in read(Path("pyproject.toml"))


# Visitors' words -----------------------------------------------------------------------------------

DEPARTMENTS = re.compile(
    r"\b(department|directorate|division|revenues|environmental services|adult social care|"
    r"neighbourhood services|corporate services|customer services|business rates team|licensing team|housing options)\b",
    re.IGNORECASE,
)
CAPITALS = re.compile(r"\b(?!K07\b)[A-Z]{2,}s?\b")
KNOWN_TO_ALL = {"PC", "QR", "TV", "OK", "ID", "BSL", "PDF", "MB", "SMS", "PCs"}


def _sentences(table: dict[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _sentences(value, f"{path}{key}.")
        elif isinstance(value, str):
            yield f"{path}{key}", value


@pytest.mark.parametrize("catalogue", [path for path in files() if path.parts[0] == "locale"], ids=str)
def test_visitors_read_neither_departments_nor_acronyms(catalogue: Path) -> None:
    if catalogue.suffix != ".toml":
        return
    found = []
    for key, sentence in _sentences(tomllib.loads(read(catalogue))):
        words = re.sub(r"\{[^}]*\}", "", sentence)
        acronyms = set(CAPITALS.findall(words)) - KNOWN_TO_ALL
        if DEPARTMENTS.search(words) or acronyms:
            found.append(f"{key}: {sentence}")
    assert not found, f"say what the visitor needs, in their words: {found}"
