"""What goes to a team, put together in memory: the files under the names they get there, a form's answers as JSON, and the note that names them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from server.actions import hand_offs
from server.domain import form_json, hand_off, hand_off_note
from server.domain.hand_off import Bundle
from server.domain.hand_off_note import Carried, Told
from server.live import opened
from server.live.handed_in_as import What, what_is_it
from server.papers.keyring import Keyring
from server.store.tables import Submission
from wire.references import show_reference
from wire.vocabulary import HandedIn


def bundle(session: Session, keyring: Keyring, taken: hand_offs.InHand) -> Bundle:
    """Raises Refused where something of it cannot be opened."""
    submission = session.get_one(Submission, taken.submission)
    facts = opened.facts(session, keyring, submission.id)
    stem = hand_off.stem_of(submission.reference, taken.round)
    files = [
        Carried(f"{stem}-{each.name}", each.type, each.body, each.pages, each.searchable)
        for each in opened.documents(session, keyring, submission.id)
    ]
    what = what_is_it(session, submission)
    told = Told(
        hand_off=taken.id,
        round=taken.round,
        submission=submission.id,
        reference=show_reference(submission.reference),
        kind=submission.kind,
        what=submission.what,
        what_name=what.name,
        version=submission.version,
        team=taken.team.slug,
        centre=taken.centre_slug,
        centre_name=taken.centre_name,
        channel=submission.channel,
        language=submission.language,
        made_at=submission.made_at,
        received_at=submission.received_at,
        case=facts.case,
        phone=facts.phone,
        email=facts.email,
        papers=submission.papers,
        pages=submission.pages,
        readable=submission.readable,
        form=_answers(submission, facts.answers, what) if submission.kind == HandedIn.FORM else {},
    )
    carried = [(each.name, each.type, each.body) for each in files]
    return Bundle(taken.id, stem, hand_off_note.write(told, files), carried)


def _answers(submission: Submission, answers: Mapping[str, Any], what: What) -> Mapping[str, Any]:
    """In the shape of GOV.UK Forms; where the form cannot be read any more, the answers as they are kept, for nothing may be lost."""
    reference = show_reference(submission.reference)
    if what.form is None:
        return {"form_id": submission.what, "submission_reference": reference, "kept": answers}
    return form_json.write(
        what.form,
        answers,
        reference=reference,
        version=submission.version,
        at=submission.made_at,
        language=submission.language,
    )
