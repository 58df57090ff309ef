"""Where a setting's value may stand besides the environment: in a file that systemd hands over, or in one that a variable names.

For a setting `smtp_password`, the first of these that is there is taken:

1. `$CREDENTIALS_DIRECTORY/smtp_password`, which systemd fills from `LoadCredential=` (and which nobody else on the machine can read);
2. the file that `FOYER_SMTP_PASSWORD_FILE` names;
3. `FOYER_SMTP_PASSWORD` itself.

A setting that is a file (keys) is given its path; of all others the file's text is the value, without the line's end. A secret that everybody on
the machine may read is refused: it is a slip that nothing else would ever tell. What a file holds is in no message of ours.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

PREFIX = "FOYER_"
MOST_BYTES = 16 * 1024


class SettingsUnusable(Exception):
    """The settings cannot be used; `str()` is a sentence that says why and what to do."""


def directory() -> Path | None:
    """Where systemd put what it was told to hand over."""
    named = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(named) if named else None


def is_handed_over(path: Path) -> bool:
    """Whether systemd put this file there. It lets the service's user read it by an access list, which shows as the group's right."""
    place = directory()
    return place is not None and path.parent == place


def file_of(name: str) -> Path | None:
    """The file that holds this setting, or None when no file was named. Raises SettingsUnusable when one was and is not there."""
    place = directory()
    if place is not None and (place / name).is_file():
        return place / name
    variable = f"{PREFIX}{name.upper()}_FILE"
    named = os.environ.get(variable, "")
    if not named:
        return None
    if not Path(named).is_file():
        message = f"{variable} names {named}, which is no file that the server can see. Put it there, or take the variable away."
        raise SettingsUnusable(message)
    return Path(named)


def value_of(name: str, *, is_path: bool, secret: bool) -> str | None:
    """The setting's value from its file; None when it stands in none. Raises SettingsUnusable.

    A secret is never empty: that is a file that somebody is just writing anew, or a copy that failed.
    """
    path = file_of(name)
    if path is None:
        return None
    if secret and (fault := open_to_all(path)):
        raise SettingsUnusable(fault)
    if is_path:
        return str(path)
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError("long")
        told = text.decode().strip("\r\n")
        if secret and (not told.strip() or "\n" in told):
            raise ValueError("none, or several")
        return told
    except OSError as error:
        message = f"{path}, which holds the setting {name}, cannot be read ({error.strerror}). Give it to the server's user."
        raise SettingsUnusable(message) from None
    except ValueError:
        message = f"{path} should hold the setting {name} in one line of text, and does not. Write it there again, or take the file away."
        raise SettingsUnusable(message) from None


def open_to_all(path: Path) -> str:
    """A sentence when everybody on this machine may read or change the file; otherwise empty."""
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        return (
            f"Everybody on this machine may read or change {path}, which holds a secret. Take that away (chmod 600 {path}),"
            " and renew the secret if others have accounts here."
        )
    return ""


def strangers(known: Mapping[str, object]) -> list[str]:
    """Variables with our prefix that are no setting's: most often a slip of the pen."""
    ours = {f"{PREFIX}{name.upper()}{end}" for name in known for end in ("", "_FILE")}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in ours)
