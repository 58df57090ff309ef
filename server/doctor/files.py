"""What stands in files: secrets and who may read them, the key of papers, the folder teams fetch from, variables that mean nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from server import credentials
from server.actions.paper_keys import NAME as PAPERS
from server.actions.paper_keys import key_file
from server.doctor.ground import Ground
from server.domain.hand_off import SftpPlace, read_sftp
from server.domain.handing import TeamWay, teams
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong
from server.papers.keyring import KeysUnusable, read_keyring
from server.settings import Settings, is_secret
from server.store.sql import Statement, document

_KNOWN_AS = Statement("SELECT secret FROM house_key WHERE name = :name")
_HANDED_IN = Statement(
    "SELECT 1 FROM submission WHERE centre_id IN (SELECT id FROM centre) AND deleted_at IS NULL AND key IS NOT NULL LIMIT 1"
)
_EXTRA = Statement("SELECT extra FROM centre")


def secrets(ground: Ground) -> list[Verdict]:
    """Every file that holds or names a secret. What it holds is not read."""
    files: dict[str, Path] = {}
    for name, field in Settings.model_fields.items():
        value: Any = getattr(ground.settings, name)
        if not is_secret(field):
            continue
        try:
            stands_in = credentials.file_of(name)
        except credentials.SettingsUnusable as error:
            return [wrong("secrets", str(error), "")]
        if stands_in is not None:
            files[name] = stands_in
        elif isinstance(value, Path):
            files[name] = value
    files.setdefault("paper_keys", key_file(ground.settings))
    if ground.sqlite_file is not None:
        files.pop("database", None)
    there = {name: path for name, path in files.items() if path.exists()}
    found = [guarded([credentials.open_to_all(path) for path in there.values()], len(there))]
    path = ground.sqlite_file
    if path is not None and path.exists():
        shut = not all(each.stat().st_mode & 0o001 for each in path.absolute().parents)
        found.append(database_guarded(path, shut or not path.stat().st_mode & 0o006))
    return found


def database_guarded(path: Path, guarded: bool) -> Verdict:
    subject = "database's rights"
    if guarded:
        return fine(subject, "Not everybody on this machine can read it.")
    return worth_knowing(
        subject,
        f"Everybody with an account on this machine may read {path}, and with it what is known of visitors.",
        f"Take that away: chmod 600 {path}*",
    )


def guarded(faults: list[str], count: int) -> Verdict:
    found = [fault for fault in faults if fault]
    if found:
        others = f" {len(found) - 1} more are as open." if len(found) > 1 else ""
        say, _, act = found[0].partition(". ")
        return wrong("secrets", f"{say}.{others}", act)
    if not count:
        return fine("secrets", "None stands in a file.")
    return fine(
        "secrets",
        f"{count} file{'s' if count != 1 else ''} with secrets, none open to everybody on this machine.",
    )


LEAST_SIGNS = 12
"""Shorter ones nobody may choose anyway (`server.web.passwords`)."""


def usual_passwords(ground: Ground) -> list[Verdict]:
    path = ground.settings.usual_passwords
    if path is None:
        return [
            fine("usual passwords", "No list of your own is named; what is weak by Foyer's rules is refused.")
        ]
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            holds_any = any(len(line.rstrip("\r\n")) >= LEAST_SIGNS for line in lines)
    except OSError as error:
        return [list_of_usual(path, error.strerror or "it is no file")]
    return [list_of_usual(path, "", holds_any=holds_any)]


def list_of_usual(path: Path, fault: str, *, holds_any: bool = False) -> Verdict:
    subject = "usual passwords"
    if fault:
        return wrong(
            subject,
            f"The list {path} (FOYER_USUAL_PASSWORDS) cannot be read: {fault}. Passwords on it can be chosen; what is weak by Foyer's own rules is still refused.",
            "Let the server's user read it (chmod 644), or take the setting away.",
        )
    if not holds_any:
        return worth_knowing(
            subject,
            f"The list {path} holds no password of {LEAST_SIGNS} signs or more, so it refuses nothing: shorter ones cannot be chosen anyway.",
            "Name a longer list, one password a line (docs/sign-on.md).",
        )
    return fine(subject, f"Those on the list {path} cannot be chosen.")


def variables(ground: Ground) -> list[Verdict]:
    return [known_variables(credentials.strangers(Settings.model_fields))]


NOT_OURS = ("FOYER_KIOSK", "FOYER_CHROMIUM", "FOYER_SHOTS", "FOYER_PICTURES", "FOYER_STARTED_BY")
"""Of the kiosk and of trials, which may be set on the same machine."""


def known_variables(strangers: list[str]) -> Verdict:
    left = [name for name in strangers if not name.startswith(NOT_OURS)]
    if left:
        return worth_knowing(
            "settings",
            f"{', '.join(left[:5])} {'are' if len(left) > 1 else 'is'} set and no setting of this release.",
            "See docs/operations.md for how it is spelled, or take it away.",
        )
    return fine("settings", "Every variable that is set is a setting.")


def figures(ground: Ground) -> list[Verdict]:
    """Who reads `/metrics`."""
    settings = ground.settings
    return [metrics(key=bool(settings.metrics_key.get_secret_value()), is_open=settings.metrics_open)]


def metrics(*, key: bool, is_open: bool) -> Verdict:
    subject = "figures"
    if key:
        return fine(subject, "/metrics is told to whoever shows its key.")
    if is_open:
        return worth_knowing(
            subject,
            "/metrics is told to every program on this machine (FOYER_METRICS_OPEN); a proxy here that says nothing of itself would tell it to the world.",
            "Set FOYER_METRICS_KEY and have Prometheus show it (docs/day-to-day.md).",
        )
    return fine(subject, "Nobody reads /metrics: no key is set.")


def paper_key(ground: Ground) -> list[Verdict]:
    path = key_file(ground.settings)
    with ground.looking() as sql:
        known = sql.one(_KNOWN_AS, {"name": PAPERS})
        needed = sql.one(_HANDED_IN) is not None
    try:
        there: tuple[str, ...] | None = read_keyring(path).known if path.exists() else None
    except KeysUnusable as error:
        return [wrong("key of papers", str(error), "")]
    except PermissionError:
        return [not_looked_at("key of papers", f"{path} cannot be looked at by this user.")]
    return [key_fits(path, there, str(known[0]) if known else "", needed)]


def key_fits(path: Path, there: tuple[str, ...] | None, known_as: str, needed: bool) -> Verdict:
    subject = "key of papers"
    if there is None and needed:
        return wrong(
            subject,
            f"The key file {path} is missing, and what visitors handed in is sealed with it.",
            f"Put it back from where its copy is kept (its public key is {known_as or 'not known'}), or name its place in FOYER_PAPER_KEYS.",
        )
    if there is None:
        return fine(subject, "Not made yet: the server makes it at its first start.")
    if known_as and known_as not in there:
        act = (
            f"Put the right file back, or add the missing key to it (the one whose public key is {known_as})."
        )
        said = f"The key file {path} is not the one this house last used."
        return wrong(subject, said, act) if needed else worth_knowing(subject, said, act)
    return fine(
        subject,
        "It is there and fits. That a copy is kept apart from the backups cannot be seen from here: see to it.",
    )


def hand_off(ground: Ground) -> list[Verdict]:
    """Where teams fetch from, and whether the SFTP servers they named are ones we know."""
    with ground.looking() as sql:
        of_teams = [team for record in sql.all(_EXTRA) for team in teams(document(record[0]) or {})]
    folder, hosts = ground.settings.handoff_folder, ground.settings.handoff_known_hosts
    lines = (
        hosts.read_text(encoding="utf-8", errors="replace") if hosts is not None and hosts.is_file() else ""
    )
    wanted = [read_sftp(team.address) for team in of_teams if team.way is TeamWay.SFTP]
    return [
        folder_stands(
            folder,
            any(team.way is TeamWay.FOLDER for team in of_teams),
            folder is not None and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK),
        ),
        hosts_known(lines, [each for each in wanted if isinstance(each, SftpPlace)]),
    ]


def folder_stands(folder: Path | None, wanted: bool, may_write: bool) -> Verdict:
    subject = "hand-off folder"
    if folder is None:
        if wanted:
            return worth_knowing(
                subject, "A team fetches from a folder, and none is set.", "Name it in FOYER_HANDOFF_FOLDER."
            )
        return fine(subject, "Not used.")
    if not may_write:
        return wrong(
            subject,
            f"The server cannot write to {folder}.",
            "See that the share is mounted and give the server's user the right to write.",
        )
    return fine(subject, f"{folder} can be written to.")


def hosts_known(lines: str, places: list[SftpPlace]) -> Verdict:
    """Names that are kept hashed cannot be compared: nothing is said of them."""
    subject = "SFTP servers of teams"
    if not places:
        return fine(subject, "Not used.")
    named = {
        name
        for line in lines.splitlines()
        if line and not line.startswith("#")
        for name in line.split()[0].split(",")
    }
    if any(name.startswith("|1|") for name in named):
        return not_looked_at(subject, "Their keys are kept under hashed names.")
    unknown = sorted({p.host for p in places if p.host not in named and f"[{p.host}]:{p.port}" not in named})
    if unknown:
        return wrong(
            subject,
            f"The host key of {', '.join(unknown)} is not known, so nothing is handed to it.",
            "Ask whoever runs it for the key and add it to the file of FOYER_HANDOFF_KNOWN_HOSTS (docs/hand-off.md).",
        )
    return fine(subject, "The keys of all are known.")
