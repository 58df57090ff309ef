"""Secrets that were renewed, taken up while the server runs.

A secret that stands in a file (`server.credentials`) is read anew every quarter of a minute, and at once when the process is told to (SIGHUP, which
`systemctl reload` sends). What was begun with the old one is ended with it: the old mail line closes a minute after the new one opened, database
lines that are open stay. The key file for papers and the keys of visitors' links are looked at in the same round, so a key that was made by a
command, or at another server, is known to this one within it.

The council's sign-on is asked for its description and keys in the same round, so that nobody who signs in waits for them.

A file that cannot be read, or holds something that cannot be, changes nothing: what works goes on working, and the log says why. What the environment holds
cannot change while a process lives; a setting that stands there takes a restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from functools import partial

from pydantic import SecretStr

from server import credentials
from server.actions.paper_keys import key_file, note_key
from server.connectors import open_carriers
from server.domain.access import SYSTEM
from server.edge import House
from server.papers.keyring import KeysUnusable, read_keyring
from server.settings import Settings, is_secret

log = logging.getLogger("foyer.secrets")

EVERY_SECONDS = 15.0
OLD_LINE_SECONDS = 60.0
_CARRIED_WITH = frozenset({"notify_key", "smtp_password"})


async def keep_renewed(house: House) -> None:
    """Until cancelled."""
    told = asyncio.Event()
    with contextlib.suppress(
        ValueError, RuntimeError, NotImplementedError
    ):  # not the main thread: a test's server
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told.set)
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_SECONDS):
                await told.wait()
        told.clear()
        try:
            await renew(house)
            if house.sign_on is not None and not house.sign_on.faults:
                await house.sign_on.make_ready()
        except Exception:
            log.exception("secrets could not be looked at; the old ones go on")


async def renew(house: House) -> list[str]:
    """Take up what was renewed; the names of it, for the log."""
    renewed = take_up(house.settings)
    if "database" in renewed and not house.database.renew(house.settings.database):
        log.warning("the setting database names another database now: that takes a restart")
    if _CARRIED_WITH & set(renewed):
        old, house.carriers = house.carriers, open_carriers(house.settings)
        asyncio.get_running_loop().call_later(OLD_LINE_SECONDS, old.close)
    if await _new_paper_keys(house):
        renewed.append("paper_keys")
    before = house.link_keys
    await house.know_links()
    if house.link_keys != before:
        renewed.append("links")
    if renewed:
        log.info("renewed: %s", ", ".join(renewed))
    return renewed


def take_up(settings: Settings) -> list[str]:
    """Put what stands in files now into `settings`; the names of what changed. Files that are named by a setting are read by whoever uses them."""
    changed = []
    for name, field in Settings.model_fields.items():
        if not is_secret(field) or "Path" in str(field.annotation):
            continue
        try:
            value = credentials.value_of(name, is_path=False, secret=True)
        except credentials.SettingsUnusable as error:
            log.warning("%s", error)
            continue
        present = getattr(settings, name)
        plain = present.get_secret_value() if isinstance(present, SecretStr) else present
        if value is None or value == plain or not value:
            continue
        setattr(settings, name, SecretStr(value) if isinstance(present, SecretStr) else value)
        changed.append(name)
    return changed


async def _new_paper_keys(house: House) -> bool:
    """A key file with other keys in it than before is taken up, unless it lacks one that was there: what is sealed with that could not be opened."""
    try:
        ring = await asyncio.to_thread(read_keyring, key_file(house.settings))
    except KeysUnusable as error:
        log.warning("%s", error)
        return False
    if ring.known == house.keyring.known:
        return False
    if not set(house.keyring.known) <= set(ring.known):
        log.warning("the key file for papers lacks a key it had: the old keys go on until the next start")
        return False
    house.keyring = ring
    await house.change(SYSTEM, "paper_key", partial(note_key, keyring=ring))
    return True
