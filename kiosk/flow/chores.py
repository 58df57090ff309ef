"""What a kiosk does besides serving visitors: papers that staff want from its printer, and testing itself.

Visitors come first. A paper for staff starts only while no visitor's ticket is on its way to the printer,
and one at a time, so that a visitor who comes meanwhile waits for one paper at most. Nothing shows on the
screen. It is printed only on the server's word of this moment: a kiosk whose link has gone does not know
whether somebody has printed it elsewhere since.

The self-test runs when nobody has touched the screen for a while: when somebody asked for it, and once for
each opening, within the hour before or as soon as it can after. It needs the link, since what it finds is for
staff; a kiosk that cannot tell is seen to be silent anyway.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kiosk.flow import faults, opening
from kiosk.flow.effects import BeginTest, Effect, PrintJob, RefuseJob
from kiosk.flow.shown import Screen
from wire.vocabulary import PaperState

if TYPE_CHECKING:
    from kiosk.flow.events import JobEnded, SelfTested
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model
    from kiosk.flow.offer import Wanted

QUIET_SECONDS = 20.0
"""Since the last touch of any kind, before the kiosk busies itself with a test."""
AGAIN_SECONDS = 60.0
"""Until a test whose findings could not be told is done anew."""
BEFORE_OPENING = timedelta(hours=1)
_RESTING = (Screen.START, Screen.CLOSED, Screen.LOCKED, Screen.OUT_OF_ORDER)


def due(model: Model) -> Step:
    """What is to be begun now, after whatever has happened."""
    if model.setup is not None or not model.offer_live or model.evacuated:
        return model, ()
    wanted = _next_job(model)
    if wanted is not None:
        return replace(model, job=wanted.job), (_job(model, wanted),)
    test = _test(model)
    if test is not None:
        return replace(model, testing=True, test_tried=model.steady), (test,)
    return model, ()


def job_ended(model: Model, event: JobEnded) -> Model:
    job = None if model.job == event.job else model.job
    return replace(model, job=job, jobs_done=model.jobs_done | {event.job} if event.done else model.jobs_done)


def tested(model: Model, event: SelfTested) -> Model:
    after = replace(model, testing=False)
    if event.told:
        after = replace(
            after, tested_job=event.job or model.tested_job, tested_on=event.on or model.tested_on
        )
    return after


def feed_changed(model: Model) -> Model:
    """What the feed no longer lists need not be remembered: the server has the answer, or gave it up."""
    listed = {wanted.job for wanted in model.offer.wanted}
    return replace(model, jobs_done=model.jobs_done & listed) if model.jobs_done - listed else model


# Papers -----------------------------------------------------------------------------------------------------


def _next_job(model: Model) -> Wanted | None:
    ticket = model.ticket
    visitors_own = ticket is not None and ticket.paper in (PaperState.RESERVED, PaperState.SENT)
    if model.job is not None or model.ordered or visitors_own or model.fault is not None:
        return None
    return next((wanted for wanted in model.offer.wanted if wanted.job not in model.jobs_done), None)


def _job(model: Model, wanted: Wanted) -> Effect:
    if not faults.paper_can_come(model):
        return RefuseJob(wanted.job)
    taken_at = model.now if wanted.arrived_at is None else wanted.arrived_at
    return PrintJob(
        wanted.job, wanted.what == "test", wanted.code, wanted.language, taken_at, copy=wanted.copy_
    )


# The self-test ----------------------------------------------------------------------------------------------


def _test(model: Model) -> BeginTest | None:
    device = model.offer.device
    busy = model.testing or model.job is not None or model.ordered or model.personal
    if device is None or busy or model.screen not in _RESTING:
        return None
    if model.steady - model.last_touch < QUIET_SECONDS or model.steady - model.test_tried < AGAIN_SECONDS:
        return None
    on = _opening_on(model)
    asked = device.test_job if device.test_job != model.tested_job else ""
    return BeginTest(asked or None, on) if asked or on else None


def _opening_on(model: Model) -> str:
    """The local day whose opening has yet to be tested; empty when there is none now."""
    today = opening.local(model).date().isoformat()
    if model.tested_on == today:
        return ""
    opens = opening.centre_opens(model)
    soon = opens is not None and opens - opening.local(model) <= BEFORE_OPENING
    return today if soon or opening.centre_open(model) else ""
