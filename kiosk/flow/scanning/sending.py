"""From the check to the receipt: where a receipt goes, sending, what is said when that fails, and a person instead.

Sent means: sealed, and safe on this machine's disk. From then on it needs neither the visitor nor a line. Until then every page is still here, and
what cannot be kept is said with its reason and a way on. A receipt by text or e-mail is asked for before sending, because whom to write
to is sealed with the papers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow import faults, opening
from kiosk.flow.effects import CallPerson, Effect, Sound, TakeTicket, Tone
from kiosk.flow.line import Line
from kiosk.flow.offer import UNKNOWN_WAIT
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.entry import purpose_of
from kiosk.flow.scanning.pages import REFUSED, TOUCH, change, ordered, to_plate
from kiosk.flow.scanning.shown import At, Receipt, Scanning
from wire.vocabulary import PaperState

if TYPE_CHECKING:
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

KEEP_SECONDS = 25.0
"""How long sealing and writing a hundred pages may take, on the smallest of machines."""
COPIES = 2
MOST_TYPED = {At.REFERENCE: 40, At.PHONE: 20, At.EMAIL: 254}


# Where a receipt goes ---------------------------------------------------------------------------------------


def ask(model: Model, at: At) -> Model:
    scanning = model.visitor.scanning or Scanning()
    typed = scanning.phone if at is At.PHONE else scanning.email
    return change(model, at=at, typed=typed, keys=False, wrong=None, meant="")


def typed(model: Model, scanning: Scanning, action: a.Type | a.Erase) -> Step:
    """An address that was offered stays offered, so that no button comes or goes between two keys."""
    if isinstance(action, a.Erase):
        return change(model, typed=scanning.typed[:-1], wrong=None), (TOUCH,)
    kept = (scanning.typed + action.sign).lstrip()
    if len(kept) > MOST_TYPED.get(scanning.at, 0):
        return model, (REFUSED,)
    return change(model, typed=kept, wrong=None), (TOUCH,)


def contact(model: Model, scanning: Scanning, *, meant: bool = False) -> Step:
    """What was typed as a telephone or an address, judged by the rules the server has; empty takes the one before away."""
    from forms.contact import (
        Fault,
        Phone,
        read_email,
        read_phone,
    )  # here: its tables are large, and few need them

    said = scanning.meant if meant else scanning.typed
    if not said.strip():
        gone = {"phone": ""} if scanning.at is At.PHONE else {"email": ""}
        return change(model, at=At.CHECK, **gone), (TOUCH,)
    found = read_phone(said) if scanning.at is At.PHONE else read_email(said)
    if isinstance(found, Fault):
        return change(model, wrong=Line(f"wrong.{found.key}"), meant=found.meant or "", keys=False), (
            REFUSED,
        )
    if isinstance(found, Phone):
        if not found.textable:
            return change(model, wrong=Line("wrong.phone_textable"), keys=False), (REFUSED,)
        return change(model, at=At.CHECK, phone=found.e164, typed=""), (TOUCH,)
    if found.meant and not meant and scanning.meant != found.meant:
        return change(model, wrong=Line("scan.email_meant", {"meant": found.meant}), meant=found.meant), (
            REFUSED,
        )
    return change(model, at=At.CHECK, email=found.address, typed="", meant=""), (TOUCH,)


# Sending ----------------------------------------------------------------------------------------------------


def send(model: Model, scanning: Scanning) -> Step:
    if not scanning.pages:
        return to_plate(model), (REFUSED,)
    if scanning.working and scanning.at is not At.FAILED:
        return model, (REFUSED,)
    sending, order = ordered(model, at=At.SENDING, failed="", back_to=None)
    return sending, (TOUCH, keep(model, scanning, order))


def keep(model: Model, scanning: Scanning, order: int, ticket: str | None = None) -> a.Keep:
    return a.Keep(
        scanning.session, order, scanning.purpose, model.language, scanning.papers,
        case=scanning.case, follow=scanning.follow, phone=scanning.phone, email=scanning.email,
        seconds=seconds(model, scanning), retakes=min(scanning.retakes, 1000), ticket=ticket,
    )  # fmt: skip


def seconds(model: Model, scanning: Scanning) -> int:
    return max(0, min(24 * 3600, int(model.steady - scanning.begun)))


def kept(model: Model, scanning: Scanning, event: a.Kept) -> Step:
    if scanning.sent or event.order != scanning.working:
        return model, ()
    prints = faults.paper_can_come(model)
    receipt = Receipt(
        event.packet, event.reference, event.at, len(scanning.pages),
        tuple(paper[0].kind for paper in scanning.papers),
        paper=PaperState.SENT if prints else PaperState.NOT_PRINTED,
    )  # fmt: skip
    done = change(model, at=At.SENT, receipt=receipt, pages=(), working=0, failed="", page="")
    done = replace(done, last_sign=model.steady)
    gone = tuple(page.id for page in scanning.pages)
    effects: tuple[Effect, ...] = (Sound(Tone.TICKET), a.Drop(scanning.session, gone))
    if prints:
        effects += (a.PrintReceipt(scanning.session, receipt, model.language, scanning.purpose),)
    return done, effects


def not_kept(model: Model, scanning: Scanning, event: a.NotKept) -> Step:
    if scanning.sent or event.order != scanning.working:
        return model, ()
    return _fail(model, event.why)


def tick(model: Model, scanning: Scanning) -> Step:
    """A disk that does not answer. Should it yet, the visitor sees that it is safe after all."""
    if scanning.at is not At.SENDING or model.steady - scanning.since <= KEEP_SECONDS:
        return model, ()
    return _fail(model, "slow", answered=False)


def _fail(model: Model, why: str, *, answered: bool = True) -> Step:
    failed = replace(change(model, at=At.FAILED, failed=why), last_sign=model.steady)
    return (change(failed, working=0) if answered else failed), (Sound(Tone.WARNING),)


# The receipt ------------------------------------------------------------------------------------------------


def printed(model: Model, scanning: Scanning, event: a.ReceiptPrinted) -> Step:
    receipt = scanning.receipt
    if receipt is None or receipt.reference != event.reference:
        return model, ()
    return change(model, receipt=replace(receipt, paper=event.paper)), ()


def print_again(model: Model, scanning: Scanning) -> Step:
    receipt = scanning.receipt
    asked = receipt is not None and receipt.paper is not PaperState.SENT
    if receipt is None or not asked or receipt.copies >= COPIES or not faults.paper_can_come(model):
        return model, (REFUSED,)
    again = replace(receipt, paper=PaperState.SENT, copies=receipt.copies + 1)
    wanted = a.PrintReceipt(scanning.session, again, model.language, scanning.purpose)
    return change(model, receipt=again), (TOUCH, wanted)


# A person ---------------------------------------------------------------------------------------------------


def service_of(model: Model, scanning: Scanning) -> str:
    """Whose line a ticket would be for; empty where none can be had."""
    purpose = purpose_of(model, scanning.purpose)
    service = model.offer.service(purpose.service) if purpose and purpose.service else None
    if service is None or not opening.service_open(model, service):
        return ""
    return "" if model.out_of_order or not opening.centre_open(model) else service.id


def want_person(model: Model, scanning: Scanning) -> Step:
    """A ticket or somebody at once, where there is the choice; else somebody at once."""
    if scanning.at is At.PERSON or not service_of(model, scanning):
        visitor = replace(model.visitor, help_asked=True, help_shown=True)
        return replace(model, visitor=visitor), (TOUCH, CallPerson(model.language))
    return change(model, at=At.PERSON, back_to=scanning.at), (TOUCH,)


def ticket_instead(model: Model, scanning: Scanning) -> Step:
    service = service_of(model, scanning)
    if not service:
        return want_person(change(model, at=scanning.back_to or At.CHECK), scanning)
    known = model.offer.service(service)
    waits = known.waits if known is not None and model.offer_live else UNKNOWN_WAIT
    order = TakeTicket(model.order + 1, service, model.language, False, waits)
    return replace(model, order=order.order, ordered=True), (TOUCH, order)
