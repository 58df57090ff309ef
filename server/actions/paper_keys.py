"""Opens the key file for papers against what the database holds, before anything is served, and notes which key is in use.

Which wrapped keys are held against the file: of the oldest and the newest document and submission that are kept, as the server took them in (a
submission's number is its kiosk's, whose clock may be wrong). Keys are renewed one after the other, so what the oldest needs is what is missed first. The database notes the public
key it was last used with: kiosks are told it (`hand_in`), and whoever starts with another file is told which one is missing.
"""

from __future__ import annotations

from pathlib import Path

from server.clock import from_micros
from server.papers.keyring import Keyring, open_keyring
from server.settings import Settings
from server.store.database import Database
from server.store.sql import Sql, Statement
from server.store.tables import HouseKey
from server.store.tx import Tx

NAME = "papers"
_KEPT = "FROM submission WHERE deleted_at IS NULL AND key IS NOT NULL"
_SEALED = tuple(
    Statement(text)
    for text in (
        "SELECT key FROM document ORDER BY id LIMIT 1",
        "SELECT key FROM document ORDER BY id DESC LIMIT 1",
        f"SELECT key {_KEPT} ORDER BY received_at LIMIT 1",
        f"SELECT key {_KEPT} ORDER BY received_at DESC LIMIT 1",
    )
)
_KNOWN_AS = Statement("SELECT secret FROM house_key WHERE name = :name")


def key_file(settings: Settings) -> Path:
    return settings.paper_keys or settings.data / "keys" / "papers.key"


def paper_keys(settings: Settings, database: Database) -> Keyring:
    """Raises KeysUnusable with a sentence for whoever starts the server."""
    with database.reading() as connection:
        sql = Sql(connection)
        found = [record[0] for statement in _SEALED if (record := sql.one(statement)) is not None]
        known_as = sql.one(_KNOWN_AS, {"name": NAME})
    return open_keyring(key_file(settings), [bytes(each) for each in found], known_as[0] if known_as else "")


def note_key(tx: Tx, keyring: Keyring) -> None:
    """What kiosks shall seal to from now on."""
    (public,) = keyring.recipients
    kept = tx.session().get(HouseKey, NAME)
    if kept is None:
        tx.session().add(HouseKey(name=NAME, secret=public, made_at=from_micros(tx.now)))
    elif kept.secret != public:
        kept.secret, kept.made_at = public, from_micros(tx.now)
        tx.session().add(kept)
