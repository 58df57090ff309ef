"""Every secret the house lives by, how old it is, where it stands and how to renew it: one list for the command line and for administrators.

It names secrets and never shows one. An age is that of the file, or of the row; for what stands in the environment nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import Session, col, func, select

from server import credentials
from server.actions.keys import LINKS, link_keys
from server.actions.paper_keys import key_file
from server.settings import Settings, is_secret
from server.store.tables import ApiKey, Hook, HouseKey, SecondFactor

OLD_DAYS = 400
"""After more than a year a secret is called old. Nothing ends by itself."""


@dataclass(frozen=True)
class Secret:
    name: str
    stands: str
    made_at: datetime | None
    how: str
    """How it is renewed, in a sentence; in full in docs/secrets.md."""

    def days(self, now: datetime) -> int | None:
        return (now - self.made_at).days if self.made_at is not None else None


BY_FILE = "Put the new one into the file; the server takes it up by itself."
BY_RESTART = "Set the new one and restart; in a file (docs/secrets.md) it would need no restart."
_NAMES = {
    "database": "Password of the database",
    "notify_key": "Key at GOV.UK Notify",
    "notify_bearer": "What Notify shows us",
    "smtp_password": "Password at the mail server",
    "os_places_key": "Key at Ordnance Survey",
    "sso_client_secret": "Secret at the council's sign-on",
    "sso_proxy_login": "Password at the proxy to the council's sign-on",
    "sso_certificate": "Certificate for the council's sign-on",
    "handoff_keys": "Teams' SFTP keys and webhook secrets",
    "backup_sftp_key": "Key for copies of backups",
    "audit_keys": "Keys that seal the audit",
}
_OWN_WAYS = {
    "paper_keys": "'foyer papers new-key' puts a new one on top; the old ones go on opening.",
    "audit_keys": "'foyer audit new-key' puts a new one on top; the old ones go on checking what they sealed.",
}


def known_secrets(session: Session, settings: Settings) -> list[Secret]:
    return [*_of_settings(settings), *_of_the_house(session)]


def _of_settings(settings: Settings) -> list[Secret]:
    found = [
        Secret(
            "Keys for papers and authenticator apps",
            str(key_file(settings)),
            _changed_at(key_file(settings)),
            _OWN_WAYS["paper_keys"],
        )
    ]
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not is_secret(field) or not plain or name == "paper_keys" or _has_no_secret(name, plain):
            continue
        path = _file_of(name) or (plain if isinstance(plain, Path) else None)
        how = _OWN_WAYS.get(name, BY_FILE if path is not None else BY_RESTART)
        stands = str(path) if path is not None else f"the environment (FOYER_{name.upper()})"
        made = _changed_at(path) if path is not None else None
        found.append(Secret(_NAMES.get(name, name), stands, made, how))
    return found


def _has_no_secret(name: str, plain: object) -> bool:
    """A database on this machine's disk, or reached by the machine's own account, has no password."""
    return name == "database" and ("@" not in str(plain) or ":" not in str(plain).rsplit("@", 1)[0][14:])


def _file_of(name: str) -> Path | None:
    try:
        return credentials.file_of(name)
    except credentials.SettingsUnusable:
        return None


def _changed_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _of_the_house(session: Session) -> list[Secret]:
    links = session.get(HouseKey, LINKS)
    earlier = max(len(link_keys(session)) - 1, 0)
    found = [
        Secret(
            "Key of visitors' links",
            f"the database{f'; {earlier} earlier still open' if earlier else ''}",
            links.made_at if links else None,
            "At Administration > House > Secrets, or 'foyer secrets renew-links'; links that are out go on working.",
        )
    ]
    keys = select(func.count(), func.min(ApiKey.made_at)).where(col(ApiKey.revoked_at).is_(None))
    hooks = select(func.count(), func.min(Hook.made_at)).where(col(Hook.retired_at).is_(None))
    apps = select(func.count(), func.min(SecondFactor.made_at)).where(
        col(SecondFactor.confirmed_at).is_not(None)
    )
    for name, statement, how in (
        (
            "Keys of other programs",
            keys,
            "Make a second key, put it into the program, then revoke the first.",
        ),
        ("Secrets of webhooks", hooks, "On the webhook's page; for a day calls are signed with both."),
        ("Authenticator apps", apps, "Each person on their own account's page."),
    ):
        count, oldest = session.exec(statement).one()
        if count:
            found.append(Secret(f"{name} ({count})", "the database", oldest, how))
    return found
