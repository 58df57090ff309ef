"""`foyer-release`: the one tool that touches which release this machine runs. The installer and the updater use it and nothing else.

It stands on what a bare Debian or Raspberry Pi OS has (python3 with venv, openssl), because it must work when the release does not. Every
command can be given twice: what is done already is left. A refusal is a sentence on the error output and an exit status of its own:
3 not believed, 4 no room, 5 another one at work, 6 tried and unhealthy, 7 half a file; 1 everything else.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import health
from installing import install, refuse_older, refuse_strange, verify
from places import Places
from refusal import Refused, Unhealthy, of_the_card
from services import Services
from steps import cut_at
from switching import Patience, back, boot, prune, switch, trial_confirmed
from upgrading import upgrade_server
from versions import is_version, order


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    os.umask(
        0o022
    )  # what is laid is for the programs' users to read, whatever the umask of the person who types this
    places = Places(Path(asked.root).resolve())
    if not places.is_machine:
        cut_at(os.environ.get("FOYER_POWER_FAILS_AT", ""))
    try:
        print(_do(asked, places))
    except Refused as refusal:
        print(f"foyer-release: {refusal}", file=sys.stderr)
        return refusal.status
    except PermissionError as error:
        print(
            f"foyer-release: {error.filename} may not be changed by you. Run this as root.", file=sys.stderr
        )
        return 1
    except OSError as error:
        card = of_the_card(error)
        print(f"foyer-release: {card or f'{error.filename}: {error.strerror}'}", file=sys.stderr)
        return card.status if card else 1
    return 0


def _do(asked: argparse.Namespace, places: Places) -> str:
    now = datetime.now(UTC)
    keys = tuple(Path(key) for key in getattr(asked, "key", None) or ())
    if asked.command == "verify":
        return _verify(places, asked, now, keys)
    if asked.command == "install":
        return f"{install(places, Path(asked.file), now, keys, asked.older)} is installed. It runs after: foyer-release switch VERSION"
    if asked.command == "switch":
        if not is_version(asked.version):
            raise Refused(f"“{asked.version}” is not the name of a release.")
        return switch(places, asked.version, Patience(asked.patience, asked.settle), asked.older)
    if asked.command == "back":
        return back(places, asked.version)
    if asked.command == "boot":
        return boot(places)
    if asked.command == "health":
        return _health(places, asked)
    if asked.command == "pair":
        from pairing import pair

        return pair(places, asked.server, asked.name)
    if asked.command == "update":
        from updating import update  # what speaks over the network is loaded only here

        return update(places, Patience(asked.patience, asked.settle))
    if asked.command == "upgrade-server":
        patience = Patience(asked.patience, asked.settle)
        return upgrade_server(places, Path(asked.file), now, keys, patience, asked.backed_up)
    if asked.command == "prune":
        gone = prune(places, asked.keep)
        return f"Taken away: {', '.join(gone)}" if gone else "Nothing to take away."
    return _list(places)


def _verify(places: Places, asked: argparse.Namespace, now: datetime, keys: tuple[Path, ...]) -> str:
    statement, manifest = verify(places, Path(asked.file), now, keys)
    if asked.here:
        refuse_strange(statement.version, manifest)
    if asked.to_run:
        refuse_older(places, statement.version, asked.older)
    targets = ", ".join(manifest.get("targets", ())) or "none"
    return f"{statement.version} is signed by a key this machine knows, and whole ({statement.size} bytes; for {targets})."


def _health(places: Places, asked: argparse.Namespace) -> str:
    if asked.wait:
        return trial_confirmed(places, Patience(asked.wait, min(20.0, asked.wait / 2)))
    verdict = health.look(places, Services(places), 0, line=False)
    if not verdict.healthy:
        raise Unhealthy(f"{verdict.words[0].upper()}{verdict.words[1:]}.")
    return "All is well."


def _list(places: Places) -> str:
    state = places.state()
    failed = state.get("failed") or {}
    marks = {places.pointed(places.current): "runs", state.get("before"): "ran before"}
    lines = []
    for version in sorted(places.installed(), key=order, reverse=True):
        mark = marks.get(version, "")
        if version in failed:
            mark = f"{mark + '; ' if mark else ''}tried and given up: {failed[version]['why']}"
        lines.append(f"{version:<32} {mark}".rstrip())
    return "\n".join(lines) or "No release is installed here."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="foyer-release", description="Which release of Foyer this machine runs."
    )
    parser.add_argument(
        "--root", default="/", help="the machine's root folder (another for an image being built)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, say in (
        ("verify", "is this file what a known key signed?"),
        ("install", "bring a release beside the others"),
    ):
        one = commands.add_parser(name, help=say)
        one.add_argument("file", help="foyer-<version>.tar.gz, with its .sig beside it")
        one.add_argument("--key", action="append", help="believe this key too (a file, or a folder of them)")
        if name == "verify":
            one.add_argument("--here", action="store_true", help="and is it made for this machine?")
            one.add_argument(
                "--to-run", action="store_true", help="and is it none that is older than what runs?"
            )
        one.add_argument("--older", action="store_true", help="also when it is older than what runs")
    one = commands.add_parser("switch", help="run this release; go back by itself if it does not work")
    one.add_argument("version")
    one.add_argument("--older", action="store_true", help="also when it is older than what runs")
    one.add_argument("--patience", type=float, default=180, help="seconds it has to show that it works")
    one.add_argument("--settle", type=float, default=20, help="seconds it must keep working")
    one = commands.add_parser("back", help="run the release before this one again")
    one.add_argument("version", nargs="?")
    one = commands.add_parser("health", help="does this machine do its work?")
    one.add_argument("--wait", type=float, default=0, help="give it so many seconds to")
    one = commands.add_parser(
        "upgrade-server", help="verify, install, back up, switch: this machine's server"
    )
    one.add_argument("file", help="foyer-<version>.tar.gz, with its .sig beside it")
    one.add_argument("--key", action="append", help="believe this key too (a file, or a folder of them)")
    one.add_argument("--backed-up", action="store_true", help="the database is kept safe by other means")
    one.add_argument("--patience", type=float, default=180, help="seconds it has to show that it works")
    one.add_argument("--settle", type=float, default=20, help="seconds it must keep working")
    one = commands.add_parser("update", help="bring this machine to the release its server wants it to have")
    one.add_argument("--patience", type=float, default=180)
    one.add_argument("--settle", type=float, default=20)
    one = commands.add_parser("pair", help="let a machine without a kiosk be brought to releases")
    one.add_argument("--server", required=True)
    one.add_argument("--name", default="", help="how staff tell it from others")
    one = commands.add_parser("prune", help="take old releases away")
    one.add_argument("--keep", type=int, default=2)
    commands.add_parser("list", help="what is installed, and what runs")
    commands.add_parser("boot", help="undo a switch that a power cut interrupted (run at start)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
