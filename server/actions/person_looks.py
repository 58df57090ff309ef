"""A look at the figures of one person, written down before anything is shown: who looked at whom, and which days.

It is a change of its own, so that an entry stands even where the answer never arrives; and a person who is not of this centre is refused before anything is read.
"""

from __future__ import annotations

from datetime import date

from server.domain.refusals import Refused
from server.store.queries.persons import LOOKED, Person, people_of
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

UNKNOWN = "Nobody of this name serves visitors at this centre. Choose somebody from the list."


def look_at_person(tx: Tx, person: int, first: date, last: date) -> Person:
    """Whom they look at. Raises Refused where that is nobody of this centre."""
    found = next((each for each in people_of(tx.sql, tx.actor.centre) if each.id == person), None)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, UNKNOWN)
    tx.audit(
        LOOKED, f"staff:{found.id}", username=found.username, first=first.isoformat(), last=last.isoformat()
    )
    return found
