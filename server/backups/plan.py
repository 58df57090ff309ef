"""How this house makes its backups, from its settings; also as text, for the process that makes them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from server.backups.making import Plan
from server.backups.unusable import BackupUnusable
from server.domain.keeping_backups import Keep, read_keep
from server.settings import Settings
from wire.release import release


def folder_of(settings: Settings) -> Path:
    return settings.backup_folder or settings.data / "backups"


def keys_of(settings: Settings) -> tuple[str, ...]:
    return tuple(settings.backup_keys.replace(",", " ").split())


def keep_of(settings: Settings) -> Keep:
    try:
        return read_keep(settings.backup_keep, settings.backup_days)
    except ValueError as error:
        raise BackupUnusable(f"FOYER_BACKUP_KEEP cannot be read: {error}.") from None


def copies_host(settings: Settings) -> str:
    """The machine that copies go to; empty where none do."""
    with suppress(ValueError):  # no address at all, which the copying itself says
        return urlsplit(settings.backup_sftp).hostname or ""
    return ""


def places_of(settings: Settings) -> tuple[Path, ...]:
    """Where it may lie in the clear for a while (`server.backups.clearing`)."""
    return tuple(dict.fromkeys((settings.data, beside(settings.database, settings))))


def beside(address: str, settings: Settings) -> Path:
    """Where a backup is unpacked for a database: on the disk it goes to, so that putting it there is a change of name."""
    url = make_url(address)
    return Path(str(url.database)).parent if url.get_backend_name() == "sqlite" else settings.data


def plan_of(settings: Settings) -> Plan:
    return Plan(
        address=settings.database,
        folder=folder_of(settings),
        work=settings.data,
        clips=settings.data / "clips",
        keys=keys_of(settings),
        version=release(),
    )


_PATHS = frozenset({"folder", "work", "clips"})


def as_text(plan: Plan) -> str:
    return json.dumps(asdict(plan), default=str)


def from_text(text: str) -> Plan:
    told = json.loads(text)
    values = {each.name: told[each.name] for each in fields(Plan)}
    values.update({name: Path(values[name]) for name in _PATHS}, keys=tuple(values["keys"]))
    return Plan(**values)
