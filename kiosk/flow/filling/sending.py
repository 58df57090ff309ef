"""From check-answers to the receipt; a person instead; and carrying on on a phone.

Sent means: sealed, and safe on this machine's disk. From then on it needs neither the visitor nor a line. What cannot be kept is said with its
reason, and every answer is still there. What goes with a ticket or to a phone is everything that was typed, also what is not yet right:
nobody is asked for it twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forms.form import Kind, Question, questions, step_at
from forms.rules import Wrong, judge, judge_all, kept, stopped, with_answer
from kiosk.flow import faults, opening
from kiosk.flow.effects import CallPerson, Effect, Forget, Sound, TakeTicket, Tone
from kiosk.flow.filling import acts as a
from kiosk.flow.filling import pages
from kiosk.flow.filling.entry import address_of, by_address, form_row, with_filling
from kiosk.flow.filling.shown import At, Carried, Filling, Receipt
from kiosk.flow.offer import UNKNOWN_WAIT
from kiosk.flow.shown import STRANGER, Screen
from wire.vocabulary import HandedIn, PaperState

if TYPE_CHECKING:
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

TOUCH = Sound(Tone.TOUCH)
REFUSED = Sound(Tone.REFUSED)
KEEP_SECONDS = 25.0
"""How long sealing and writing may take, on the smallest of machines."""
LOOK_SECONDS = 8.0
"""How long addresses, a form's text or a photograph are waited for."""
COPIES = 2
_FILES = frozenset({Kind.PHOTO, Kind.SIGNATURE})


# Everything that is sealed ----------------------------------------------------------------------------------


def begun(model: Model, filling: Filling, answers: Mapping[str, Any], *, whole: bool = False) -> a.Begun:
    """`whole`: with what was typed and not yet found right."""
    names = set(_names(filling, answers))
    typed = {}
    if whole:
        typed = by_address(filling.drafts)
        step = step_at(filling.form, filling.place) if filling.form and filling.place else None
        if isinstance(step, Question) and filling.typed and step.kind not in _FILES:
            typed[address_of(filling.place)] = filling.typed
    return a.Begun(
        filling.slug, filling.version, model.language, answers,
        {name: strokes for name, strokes in filling.strokes.items() if name in names},
        tuple(sorted(names - set(filling.strokes))),
        seconds(model, filling), typed, address_of(filling.place),
    )  # fmt: skip


def _names(filling: Filling, answers: Mapping[str, Any]) -> list[str]:
    """The files that the answers name."""
    if filling.form is None:
        return []
    found: list[str] = []
    for question, group in questions(filling.form):
        if question.kind in _FILES:
            holders = answers.get(group.key, ()) if group else (answers,)
            for holder in holders:
                given = holder.get(question.key)
                found += given if isinstance(given, list) else [given] if given else []
    return found


def seconds(model: Model, filling: Filling) -> int:
    return max(0, min(24 * 3600, int(model.steady - filling.begun)))


# Sending ----------------------------------------------------------------------------------------------------


def send(model: Model, filling: Filling) -> Step:
    """The first page that is not right is shown instead, with what is wrong."""
    form = filling.form
    if form is None or (filling.working and filling.at is not At.FAILED):
        return model, (REFUSED,)
    wrong = next(iter(judge_all(form, filling.answers, opening.local(model).date())), None)
    if wrong is not None or stopped(form, filling.answers) is not None:
        if wrong is None:
            return model, (REFUSED,)
        place, why = wrong
        shown = pages.show(model, replace(filling, changing=True), place)
        return pages.refuse(shown, shown.visitor.filling or filling, why)
    order = model.order + 1
    answers = kept(form, filling.answers)
    sending = replace(
        filling, at=At.SENDING, working=order, since=model.steady, failed="", back_to=None, wrong=None
    )
    effect = a.Keep(
        filling.session, order, HandedIn.FORM, begun(model, filling, answers),
        phone=_fact(answers, form.receipt_phone), email=_fact(answers, form.receipt_email),
        case=_fact(answers, form.case)[:40],
    )  # fmt: skip
    return with_filling(replace(model, order=order), sending), (TOUCH, effect)


def _fact(answers: Mapping[str, Any], key: str) -> str:
    found = answers.get(key) if key else None
    return found if isinstance(found, str) else ""


def was_kept(model: Model, filling: Filling, event: a.Kept) -> Step:
    """All that was typed goes from memory: it is safe, and nobody needs it here any more."""
    if filling.sent or event.order != filling.working:
        return model, ()
    prints = faults.paper_can_come(model)
    paper = PaperState.SENT if prints else PaperState.NOT_PRINTED
    receipt = Receipt(event.packet, event.reference, event.at, paper)
    done = replace(
        filling, at=At.SENT, receipt=receipt, working=0, failed="", typed="", drafts={}, strokes={}, found=()
    )
    effects: tuple[Effect, ...] = (Sound(Tone.TICKET),)
    if prints:
        effects += (a.PrintReceipt(filling.session, receipt, model.language, filling.slug),)
    return replace(with_filling(model, done), last_sign=model.steady), effects


def not_kept(model: Model, filling: Filling, event: a.NotKept) -> Step:
    if filling.sent or event.order != filling.working:
        return model, ()
    return _fail(model, replace(filling, working=0), event.why)


def _fail(model: Model, filling: Filling, why: str) -> Step:
    failed = with_filling(model, replace(filling, at=At.FAILED, failed=why))
    return replace(failed, last_sign=model.steady), (Sound(Tone.WARNING),)


def tick(model: Model, filling: Filling) -> Step:
    """Nothing is waited for for ever. Should a disk answer yet, the visitor sees that it is safe after all."""
    waited = model.steady - filling.since
    if not filling.working:
        return model, ()
    if filling.at is At.SENDING:
        return _fail(model, filling, "slow") if waited > KEEP_SECONDS else (model, ())
    if waited <= LOOK_SECONDS:
        return model, ()
    if filling.at is At.OPENING:
        return with_filling(model, replace(filling, at=At.NOT_OPENED, working=0)), (Sound(Tone.WARNING),)
    if filling.at is At.CARRY and not filling.carried.url:
        failed = replace(filling, carried=Carried(failed=True), working=0)
        return with_filling(model, failed), (Sound(Tone.WARNING),)
    if filling.at is At.PAGE and filling.question is not None:
        late = filling.working
        if filling.question.kind is Kind.ADDRESS:
            return pages.addresses_found(model, filling, a.AddressesFound(filling.session, late, None))
        if filling.question.kind is Kind.PHOTO:
            return pages.photo_taken(model, filling, a.PhotoTaken(filling.session, late, ""))
    return model, ()


# The receipt ------------------------------------------------------------------------------------------------


def printed(model: Model, filling: Filling, event: a.ReceiptPrinted) -> Step:
    if filling.receipt is None:
        return model, ()
    return with_filling(model, replace(filling, receipt=replace(filling.receipt, paper=event.paper))), ()


def print_again(model: Model, filling: Filling) -> Step:
    receipt = filling.receipt
    under_way = receipt is not None and receipt.paper is PaperState.SENT
    if receipt is None or under_way or receipt.copies >= COPIES or not faults.paper_can_come(model):
        return model, (REFUSED,)
    again = replace(receipt, paper=PaperState.SENT, copies=receipt.copies + 1)
    wanted = a.PrintReceipt(filling.session, again, model.language, filling.slug)
    return with_filling(model, replace(filling, receipt=again)), (TOUCH, wanted)


def received(model: Model, packet: str) -> Model:
    """The server has what this visitor sent."""
    filling = model.visitor.filling
    if filling is None or filling.receipt is None or filling.receipt.packet != packet:
        return model
    return with_filling(model, replace(filling, receipt=replace(filling.receipt, received=True)))


# A person ---------------------------------------------------------------------------------------------------


def service_of(model: Model, filling: Filling) -> str:
    """Whose line a ticket would be for; empty where none can be had."""
    row = form_row(model, filling.slug)
    service = model.offer.service(row.service) if row and row.service else None
    if service is None or not opening.service_open(model, service):
        return ""
    return "" if model.out_of_order or not opening.centre_open(model) else service.id


def want_person(model: Model, filling: Filling) -> Step:
    """A ticket or somebody at once, where there is the choice; else somebody at once."""
    if filling.at is At.PERSON or filling.sent or not service_of(model, filling):
        return call_person(model)
    back_to = filling.back_to if filling.at is At.CARRY else filling.at
    return with_filling(model, replace(filling, at=At.PERSON, back_to=back_to)), (TOUCH,)


def call_person(model: Model) -> Step:
    visitor = replace(model.visitor, help_asked=True, help_shown=True)
    return replace(model, visitor=visitor), (TOUCH, CallPerson(model.language))


def ticket_instead(model: Model, filling: Filling) -> Step:
    service = service_of(model, filling)
    if not service:
        return call_person(with_filling(model, resumed(filling)))
    known = model.offer.service(service)
    waits = known.waits if known is not None and model.offer_live else UNKNOWN_WAIT
    order = TakeTicket(model.order + 1, service, model.language, False, waits)
    return replace(model, order=order.order, ordered=True), (TOUCH, order)


def with_ticket(model: Model, order: int, ticket: str) -> tuple[Effect, ...]:
    """What was filled in so far goes with it."""
    filling = model.visitor.filling
    if filling is None or filling.form is None or filling.sent:
        return ()
    told = begun(model, filling, right_so_far(model, filling), whole=True)
    if not told.answers and not told.typed:
        return ()
    return (a.Keep(filling.session, order, HandedIn.BEGUN, told, ticket=ticket),)


def right_so_far(model: Model, filling: Filling) -> dict[str, Any]:
    """The answers, with those that are right of what only stands on pages yet."""
    form, answers = filling.form, dict(filling.answers)
    if form is None:
        return answers
    drafts = dict(filling.drafts)
    if filling.place is not None and filling.typed:
        drafts[filling.place] = filling.typed
    for place, typed in drafts.items():
        question = step_at(form, place)
        if isinstance(question, Question):
            judged = judge(question, typed, opening.local(model).date())
            if judged is not None and not isinstance(judged, Wrong):
                answers = with_answer(form, answers, place, judged)
    return kept(form, answers)


# On a phone -------------------------------------------------------------------------------------------------


def carry_on(model: Model, filling: Filling) -> Step:
    """Everything so far, for the visitor's own phone. It needs the line: the house keeps it, sealed, until the phone comes for it."""
    centre = model.offer.centre
    if (
        filling.form is None
        or centre is None
        or not centre.public_url
        or not model.link_up
        or filling.working
    ):
        return model, (REFUSED,)
    order = model.order + 1
    back_to = filling.back_to if filling.at in (At.PERSON, At.CARRY) else filling.at
    carrying = replace(
        filling, at=At.CARRY, back_to=back_to, carried=Carried(), working=order, since=model.steady
    )
    told = begun(model, filling, filling.answers, whole=True)
    effect = a.Carry(filling.session, order, told, centre.public_url)
    return with_filling(replace(model, order=order), carrying), (TOUCH, effect)


def carried_over(model: Model, filling: Filling, event: a.CarriedOver) -> Step:
    over = event.order == 0 and not event.url  # nobody came for it in time
    if filling.at is not At.CARRY or (filling.working != event.order and not over):
        return model, ()
    carried = Carried(url=event.url, failed=not event.url)
    shown = with_filling(model, replace(filling, carried=carried, working=0))
    return replace(shown, last_sign=model.steady), ((Sound(Tone.WARNING),) if carried.failed else ())


def carried_opened(model: Model, filling: Filling) -> Step:
    """The phone has it: nothing of it stays on a screen that anybody may come by."""
    if filling.at is not At.CARRY or not filling.carried.url:
        return model, ()
    gone = replace(model, visitor=STRANGER, screen=Screen.START)
    return gone, (Sound(Tone.TOUCH), Forget(None))


def resumed(filling: Filling) -> Filling:
    """Back to where a person or a phone was asked for."""
    return replace(
        filling, at=filling.back_to or At.START, back_to=None, carried=Carried(), working=0, wrong=None
    )
