"""What a page tells somebody to type, set, open or press exists: commands with their options, settings, addresses, files, units and ways through the menus.

Pages are read by people who did not write this, on a bad day; one word that is not there costs more than the rest of the page saves. Whether a thing *does* what the
page says of it no test here can tell: that is tried by hand, and by the tests the pages name.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from kiosk.flow.events import Fault
from kiosk.flow.faults import for_staff
from server.cli import app
from server.domain.access import ROUTES
from server.settings import Settings
from server.web.navigation import FIGURES, ROOMS, WORK
from tests.repo.tree import ROOT, files, read

PAGES = tuple(path for path in files() if path.suffix == ".md")
RELEASE = Path("deploy/raspberrypi/release/__main__.py")
INSTALL = Path("deploy/raspberrypi/installer/options.sh")
OF_THE_MACHINE = re.compile(r"/(etc|var|opt|run|srv|boot|dev|proc|sys|usr|home|media|mnt|path|folder)\b")
"""Folders of a machine, which look like addresses of pages."""
OURS = re.compile(
    r"(?<![\w./<-])((?:server|kiosk|display|wire|words|hardware|demo|deploy|docs|locale|scripts|benchmarks|forms)/[\w./-]*\w)"
)
MODULE = re.compile(r"-m ((?:benchmarks|words|demo|server|kiosk|display|hardware|scripts|forms|tests)[\w.]*)")
NOT_FILES = {"display/sign": "a page", "server/": "a folder"}


def snippets() -> Iterator[tuple[Path, str]]:
    """Each line of a block and each piece of code within a sentence, with its page; a remark after `#` left out."""
    for page in PAGES:
        text = read(page)
        blocks = re.findall(r"^ *```[^\n]*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
        lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
        within = re.findall(
            r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
        )
        for line in [*lines, *within]:
            yield page, re.sub(r"(^|\s)#.*", "", line)


def commands(name: str) -> Iterator[tuple[Path, list[str]]]:
    """What follows `name` where it is typed, up to the end of that command."""
    for page, line in snippets():
        line = re.sub(r"<[^<>]*>|\.\.\.|…", "X", line)
        for found in re.finditer(rf"(?:^ *|sudo |/|&& )(?<!foyer/){re.escape(name)} +([^;|&>()\n]+)", line):
            typed = re.split(r"\s{3,}", found[1])[0]
            yield page, re.findall(r"""["'][^"']*["']|[^\s\[\]]+""", typed)


def wrong(group: Any, words: list[str]) -> str:
    """Why `foyer` with these words could not be what was meant; empty when it could."""
    rest = list(words)
    while hasattr(group, "commands") and rest and not rest[0].startswith("-"):
        if rest[0] == "X":
            return ""
        if rest[0] not in group.commands:
            return f"no command {rest[0]}"
        group = group.commands[rest.pop(0)]
    options = {name: each for each in group.params for name in each.opts if name.startswith("-")}
    most = sum(each.param_type_name == "argument" for each in group.params)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            most -= 1
        elif word.partition("=")[0] not in options:
            return f"no option {word}"
        elif not options[word.partition("=")[0]].is_flag and rest:
            rest.pop(0)
    return "too many words" if most < 0 else ""


def test_every_foyer_command_is_there() -> None:
    group, told = typer.main.get_command(app), list(commands("foyer"))
    assert len(told) > 50
    faults = {
        f"{page}: foyer {' '.join(words)}: {why}" for page, words in told if (why := wrong(group, words))
    }
    assert not faults, sorted(faults)


def test_what_the_program_tells_people_to_type_or_read_is_there_too() -> None:
    group, told = typer.main.get_command(app), 0
    faults = set()
    for path in files():
        if path.parts[0] not in ("server", "kiosk", "deploy") or path.suffix not in {".py", ".html", ".sh"}:
            continue
        for typed in re.findall(r"'foyer ([a-z][^'\"{}\n]*)'", read(path)):
            told += 1
            if why := wrong(group, re.sub(r"<[^<>]*>", "X", typed).split()):
                faults.add(f"{path}: foyer {typed}: {why}")
        for page in re.findall(r"\b((?:docs|deploy)/[\w/-]+\.md)", read(path)):
            if not (ROOT / page).exists():
                faults.add(f"{path}: {page}")
    assert told > 10
    assert not faults, sorted(faults)


def test_every_command_of_the_machines_own_tools_is_there() -> None:
    release, install = read(RELEASE), read(INSTALL)
    told = list(commands("foyer-release"))
    assert len(told) > 5
    faults = [
        f"{page}: foyer-release {words}"
        for page, words in told
        if f'"{words[0]}"' not in release
        or any(f'"{each}"' not in release for each in words if each.startswith("--"))
    ]
    asked = list(commands("install.sh"))
    assert len(asked) > 5
    faults += [
        f"{page}: install.sh {each}"
        for page, words in asked
        for each in words
        if each.startswith("--") and not re.search(rf"^\s.*{each}\b", install, re.MULTILINE)
    ]
    assert not faults, faults


@cache
def program() -> str:
    """All that is not a page, to look for a name in."""
    return "\n".join(
        read(path)
        for path in files()
        if path.suffix != ".md"
        and path.suffix in {".py", ".sh", ".service", ".timer", ".toml", ".env", ".yml", ".html", ""}
        and b"\0" not in (ROOT / path).read_bytes()[:2000]
    )


def test_every_setting_spoken_of_is_one() -> None:
    known = {name.upper() for name in Settings.model_fields}
    faults = {
        f"{page}: FOYER_{name}"
        for page in PAGES
        for name in re.findall(r"FOYER_([A-Z_]*[A-Z])\b(?!_)", read(page))
        if name not in known and name.removesuffix("_FILE") not in known and f"FOYER_{name}" not in program()
    }
    assert not faults, sorted(faults)


def test_every_address_spoken_of_is_one() -> None:
    routes = [re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)) for _, path in ROUTES]
    faults = {
        f"{page}: {address}"
        for page, line in snippets()
        for address in re.findall(r"(?<![\w.:~}>*/\-\]@=|])(/[a-z][\w/{}<>-]*\w>?)(?=$|[\s?,;:\"'])", line)
        if not OF_THE_MACHINE.match(address) and not any(route.fullmatch(address) for route in routes)
    }
    assert not faults, sorted(faults)


def test_every_file_and_module_spoken_of_is_there() -> None:
    faults = set()
    for page, line in snippets():
        for name in OURS.findall(line):
            if (
                name not in NOT_FILES
                and not (ROOT / name).exists()
                and not (ROOT / page.parent / name).exists()
            ):
                faults.add(f"{page}: {name}")
        for found in MODULE.finditer(line):
            path = ROOT / found[1].replace(".", "/")
            parts = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
            if not parts or not parts[0].exists():
                faults.add(f"{page}: -m {found[1]}")
                continue
            source = "".join(read(part.relative_to(ROOT)) for part in parts)
            takes = [
                each for each in re.findall(r" (--[a-z][\w-]*)", line[found.end() :]) if each not in source
            ]
            faults |= {f"{page}: -m {found[1]} {each}" for each in takes}
    assert not faults, sorted(faults)


def test_every_unit_spoken_of_is_there() -> None:
    units = {path.stem for path in files() if path.suffix in {".service", ".timer"}}
    faults = {
        f"{page}: {unit}"
        for page, line in snippets()
        for command in re.findall(r"(?:systemctl|journalctl) .*|foyer-[\w@-]+\.(?:service|timer)", line)
        for unit in re.findall(r"foyer-[a-z-]+@?", command)
        if unit.removesuffix("@") not in units and unit not in units
    }
    assert not faults, sorted(faults)


def test_the_incident_guide_quotes_the_kiosk() -> None:
    """Who stands before it looks for the words on the screen."""
    quoted = re.findall(r"^\| \*([^*]+)\* \|", read(Path("docs/incidents.md")), re.MULTILINE)
    assert {each.split()[0] for each in quoted} >= {"This", "Something"}
    assert len(quoted) == len(Fault)
    assert not [each for each in quoted if not any(for_staff(fault).startswith(each) for fault in Fault)]


def test_every_page_can_be_found_from_the_readme() -> None:
    found, look = {Path("README.md")}, [Path("README.md")]
    while look:
        page = look.pop()
        for link in re.findall(r"\]\(([^)#:\s]+\.md)", read(page)):
            target = (ROOT / page.parent / link).resolve().relative_to(ROOT)
            if target not in found and (ROOT / target).exists():
                found.add(target)
                look.append(target)
    lost = [str(page) for page in PAGES if page not in found and page.parts[0] != "tests"]
    assert not lost, f"no page leads to {lost}"


# Ways through the menus ----------------------------------------------------------------------------------------------


@cache
def labels() -> str:
    """Everything a page of the server may show, in small letters and without line ends."""
    shown = "\n".join(
        read(path)
        for path in files()
        if path.parts[:2] == ("server", "web") and path.suffix in {".html", ".py", ".js"}
    )
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", shown) + shown)).casefold()


def ways() -> Iterator[tuple[Path, list[str]]]:
    """`**Devices > Pair a device**`, in bold, slanted or code, with `>` or an arrow."""
    for page in PAGES:
        text = re.sub(r"^ *```.*?^ *```", "", read(page), flags=re.DOTALL | re.MULTILINE)
        for found in re.finditer(r"(?:\*\*|\*|`)([A-Z][^*`\n]*(?: > | → )[^*`\n]*)(?:\*\*|\*|`)", text):
            yield page, re.split(r" > | → ", found[1])


OF_OTHERS = re.compile(r"API integration|App |Enterprise|Token|Certificates|Users")
"""Menus of GOV.UK Notify and of Entra ID."""


def no_such_way(way: list[str]) -> str:
    if way[0] in ("Admin", "Administration"):
        rooms = {room.label: [place.label for place in room.places] for room in ROOMS}
        if way[0] == "Admin" or way[1] not in rooms:
            return f"after Administration comes one of {', '.join(rooms)}"
        if len(way) > 2 and way[2][0].isupper() and way[2] not in rooms[way[1]]:
            return f"{way[2]} is not under {way[1]}"
    known = {place.label for places in (WORK, FIGURES) for place in places}
    missing = [
        each
        for each in way[1:]
        if each[0].isupper() and each not in known and each.rstrip(".").casefold() not in labels()
    ]
    return f"nothing is called {missing[0]}" if missing else ""


def test_every_way_through_the_menus_is_there() -> None:
    told = [(page, way) for page, way in ways() if not OF_OTHERS.match(way[0])]
    assert len(told) > 8
    faults = {f"{page}: {' > '.join(way)}: {why}" for page, way in told if (why := no_such_way(way))}
    assert not faults, sorted(faults)
