"""What proves to a team's system that it is us: SFTP passwords and keys, and the secrets that webhooks are signed with.

They stand in a file of the one who runs the server (`FOYER_HANDOFF_KEYS`, TOML), not in the centre's plan, which is exported and copied:

    [housing]                        # the team's short name
    webhook = ["whsec_...", "whsec_the_old_one"]
    [york-house.benefits]            # the team of one centre, where two centres use the same name
    sftp_key = "/etc/foyer/benefits_ed25519"
    sftp_password = "..."

The file is read whenever something is handed off, so a new secret needs no restart. Who may read it is judged as for the key of papers.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class TeamKeys:
    """Of one team. Its representation shows none of them."""

    sftp_key: str = ""
    sftp_passphrase: str = ""
    sftp_password: str = ""
    webhook: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "TeamKeys(...)"


class KeysUnusable(ValueError):
    """`str()` is a sentence for staff; it quotes nothing of the file."""


def read_keys(path: Path | None, centre: str, team: str) -> TeamKeys:
    """Raises KeysUnusable."""
    if path is None:
        raise KeysUnusable(
            "No keys for teams are set. Whoever runs the server names their file in FOYER_HANDOFF_KEYS."
        )
    try:
        if path.stat().st_mode & 0o007:
            raise KeysUnusable(
                f"The file {path} may be read by everybody on the server. Take that away (chmod 600)."
            )
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except OSError as error:
        raise KeysUnusable(f"The file {path} cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise KeysUnusable(f"The file {path} is not in TOML.") from None
    own = tables.get(centre)
    table = own.get(team) if isinstance(own, dict) and isinstance(own.get(team), dict) else tables.get(team)
    if not isinstance(table, dict):
        raise KeysUnusable(f"The file {path} has no keys for the team “{team}” of the centre “{centre}”.")
    return _keys(path, team, table)


def _keys(path: Path, team: str, table: Mapping[str, Any]) -> TeamKeys:
    webhook = table.get("webhook", ())
    secrets = (webhook,) if isinstance(webhook, str) else tuple(webhook)
    texts = {name: table.get(name, "") for name in ("sftp_key", "sftp_passphrase", "sftp_password")}
    if not all(isinstance(each, str) for each in (*texts.values(), *secrets)):
        raise KeysUnusable(f"What the file {path} says of the team “{team}” is not written as text.")
    if not all(_is_secret(each) for each in secrets):
        raise KeysUnusable(
            f"A webhook secret of the team “{team}” in {path} is not one (whsec_ and 24 to 64 bytes in base64)."
        )
    return TeamKeys(webhook=secrets, **texts)


def _is_secret(text: str) -> bool:
    """As Standard Webhooks has them. A slip must be a sentence now, not a signature that the other side refuses."""
    try:
        return text.startswith("whsec_") and 24 <= len(base64.b64decode(text[6:], validate=True)) <= 64
    except ValueError:
        return False
