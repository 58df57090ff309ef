"""Keys with which other programs use the JSON API of one centre: what each may, and what it was last used for.

A key is shown once and kept as its hash; who loses it makes another. It begins with `foyer_`, so that a scanner finds one that was published by
mistake, and so that it is never looked up among devices' tokens. It may read, book, and see names, each only if that was ticked; and it reaches the
services that are named for it, a discreet one only if it was named outright.
"""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from server.actions import keys
from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import ApiKey, Service
from server.store.tx import Tx
from wire.body import clean_text
from wire.vocabulary import RefusalCode

PREFIX = "foyer_"
RIGHTS = ("read", "book", "names")
MOST_KEYS = 50
MOST_NAME = 80

_USED = Statement("UPDATE api_key SET used_at = :now WHERE id = :id")
REVOKED = "This key was revoked. Ask the centre's administrator for another."


def make(tx: Tx, name: str, rights: tuple[str, ...], services: tuple[str, ...]) -> tuple[int, str]:
    """A new key for the actor's centre: its number, and the key itself, which is shown once."""
    cleaned = clean_text(name)
    if not cleaned or len(cleaned) > MOST_NAME:
        raise Refused(
            RefusalCode.MALFORMED, f"Name the program that will use it, in at most {MOST_NAME} characters."
        )
    if not {"read", "book"} & set(rights) or not set(rights) <= set(RIGHTS):
        raise Refused(RefusalCode.MALFORMED, "Tick what it may do: read appointments, book them, or both.")
    session = tx.session()
    here = select(func.count()).where(ApiKey.centre_id == tx.actor.centre, col(ApiKey.revoked_at).is_(None))
    if session.exec(here).one() >= MOST_KEYS:
        raise Refused(
            RefusalCode.WRONG_STATE, f"A centre has at most {MOST_KEYS} keys. Revoke one that is not used."
        )
    _judge_services(session, tx.actor.centre, services)
    token = PREFIX + keys.new_key()
    key = ApiKey(
        centre_id=tx.actor.centre,
        name=cleaned,
        token_hash=keys.hash_of(token),
        rights=[right for right in RIGHTS if right in rights],
        services=list(services),
        made_by=tx.actor.id or None,
        made_at=from_micros(tx.now),
    )
    session.add(key)
    session.flush()
    tx.audit("api_key_made", f"api_key:{key.id}", name=cleaned, rights=key.rights)
    return key.id or 0, token


def revoke(tx: Tx, key_id: int) -> None:
    """It lets nobody in any more, at once. One that is revoked stays so."""
    key = tx.session().get(ApiKey, key_id)
    if key is None or key.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such key at this centre.")
    if key.revoked_at is None:
        key.revoked_at = from_micros(tx.now)
        tx.audit("api_key_revoked", f"api_key:{key_id}", name=key.name)


def note_use(tx: Tx, key_id: int) -> None:
    tx.sql.run(_USED, {"now": tx.now, "id": key_id})


def current(session: Session, key_id: int) -> ApiKey:
    """The key as it is in this very transaction; refuses one that was revoked since its caller was let in."""
    key = session.get(ApiKey, key_id, populate_existing=True)
    if key is None or key.revoked_at is not None:
        raise Refused(RefusalCode.NOT_SIGNED_IN, REVOKED)
    return key


def _judge_services(session: Session, centre: int, services: tuple[str, ...]) -> None:
    here = select(Service.slug).where(Service.centre_id == centre, col(Service.retired_at).is_(None))
    if not set(services) <= set(session.exec(here).all()):
        raise Refused(
            RefusalCode.MALFORMED, "One of these services is not offered here any more. Choose again."
        )
