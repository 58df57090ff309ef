"""Two greeters, five advisers, a manager and a kiosk act at once, in any order, and everything stays right.

Hypothesis invents what they do; a real server on real sockets does it. Whatever is under way together has no order of its own, so the test
looks for one: in some order the small model (`floor_model`) must give exactly the answers the server gave. Then the whole database, the
lobby's calls and every count must be what the model says. Thousands of asks on SQLite, and as many on PostgreSQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import permutations
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.server.web.rehearsal import serving
from tests.system.floor_booked import Booking, WithBookings
from tests.system.floor_dice import DICE, Dice
from tests.system.floor_model import Model
from tests.system.floor_shapes import AT_COUNTER, MINUTE
from tests.system.floor_table import ADVISERS, COUNTERS, GREETERS, MANAGER, Seen, Table
from wire import asks
from wire.asks import AnyAsk
from wire.frames import Answer
from wire.vocabulary import Activity, BreakReason, Outcome, TicketClass, new_id

EXAMPLES, STEPS = 30, 25
"""About 3,000 asks on each database, up to four of them under way together."""
SERVICES = ("council-tax", "housing", "parking")
EVERYBODY = (*ADVISERS, *GREETERS, MANAGER)
CALLERS = (*ADVISERS, MANAGER)
MINDERS = (*GREETERS, MANAGER)
Said = tuple[str, str, AnyAsk]


MINUTES = st.sampled_from((0, 1, 2, 4, 7, 16))


def _with_id(proposed: tuple[str, AnyAsk]) -> Said:
    return proposed[0], new_id(), proposed[1]


class ManyHands(RuleBasedStateMachine):
    table: ClassVar[Table]

    def __init__(self) -> None:
        super().__init__()
        self.table.clear()
        self.model: Model = WithBookings(
            dict(self.table.people), self.table.clock.micros(), bookings=self.table.book()
        )
        self.evening = self.model.now + 8 * 60 * MINUTE
        self.issued = 0
        self.said: list[tuple[Said, Answer]] = []
        self.taps: list[str] = []

    # What can be asked -------------------------------------------------------------------------------------------

    def _any_ticket(self, dice: Dice, *states: str) -> str:
        """Mostly one for which the ask makes sense, now and then any other, or none there is."""
        fitting = [each.id for each in self.model.tickets.values() if each.state in states]
        others = list(self.model.tickets)
        if fitting and not dice.is_odd:
            return dice.pick(dice.ticket, fitting)
        return dice.pick(dice.ticket, others) if others else new_id()

    def _at_work(self, dice: Dice) -> str:
        """Mostly somebody who sits at a counter."""
        seated = [seat.person for seat in self.model.seats.values()]
        return dice.pick(dice.who, seated if seated and not dice.is_odd else CALLERS)

    def _own(self, dice: Dice, *states: str) -> tuple[str, str]:
        """Somebody with their ticket, mostly."""
        own = [
            (seat.person, there.id)
            for counter, seat in self.model.seats.items()
            if (there := self.model._at(counter)) is not None and there.state in states
        ]
        if own and not dice.is_odd:
            return dice.pick(dice.ticket, own)
        return self._at_work(dice), self._any_ticket(dice, *states)

    def _propose(self, dice: Dice) -> tuple[str, AnyAsk]:
        sensible = KINDS if dice.is_odd else [kind for kind in KINDS if self._makes_sense(kind)]
        ask: tuple[str, AnyAsk] = getattr(self, f"_{dice.pick(dice.kind, sensible)}")(dice)
        return ask

    def _makes_sense(self, kind: str) -> bool:
        states = {ticket.state for ticket in self.model.tickets.values()}
        if kind in NEEDS_TICKET:
            return bool(states & NEEDS_TICKET[kind])
        free = any(not seat.paused and not self.model._at(at) for at, seat in self.model.seats.items())
        match kind:
            case "call_next" | "call_ticket" | "unpark" if not free or self.model.evacuated:
                return False
            case "call_next" | "call_ticket":
                return "waiting" in states
            case "unpark":
                return "parked" in states
            case "get_up" | "take_break" | "hand_over" | "free_counter":
                return bool(self.model.seats)
            case "end_break":
                return any(seat.paused for seat in self.model.seats.values())
            case "resume":
                return self.model.evacuated
            case _:
                return True

    def _issue(self, dice: Dice) -> tuple[str, AnyAsk]:
        self.issued += 1
        return "kiosk", asks.Issue(
            visit=new_id(),
            ticket=new_id(),
            code=f"K{self.issued:02d}",
            service=dice.pick(dice.first, SERVICES),
            follow_hash=hashlib.sha256(new_id().encode()).hexdigest(),
        )

    def _welcome(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, GREETERS), asks.Welcome(
            visit=new_id(),
            ticket=new_id(),
            service=dice.pick(dice.first, SERVICES),
            quick=dice.second % 2 == 1,
            wants=dice.pick(dice.luck, (None, None, "pl", "sign_language")),
        )

    def _sit_down(self, dice: Dice) -> tuple[str, AnyAsk]:
        chosen = 1 + dice.second % (2 ** len(SERVICES) - 1)
        services = tuple(each for place, each in enumerate(SERVICES) if chosen >> place & 1)
        counter = dice.pick(dice.first, COUNTERS)
        return dice.pick(dice.who, CALLERS), asks.SitDown(counter=counter, services=services)

    def _get_up(self, dice: Dice) -> tuple[str, AnyAsk]:
        return self._at_work(dice), asks.GetUp()

    def _take_break(self, dice: Dice) -> tuple[str, AnyAsk]:
        return self._at_work(dice), asks.TakeBreak(reason=dice.pick(dice.first, tuple(BreakReason)))

    def _end_break(self, dice: Dice) -> tuple[str, AnyAsk]:
        resting = [seat.person for seat in self.model.seats.values() if seat.paused]
        return (dice.pick(dice.who, resting) if resting else self._at_work(dice)), asks.EndBreak()

    def _call_next(self, dice: Dice) -> tuple[str, AnyAsk]:
        return self._at_work(dice), asks.CallNext()

    def _call_ticket(self, dice: Dice) -> tuple[str, AnyAsk]:
        return MANAGER, asks.CallTicket(ticket=self._any_ticket(dice, "waiting"))

    def _recall(self, dice: Dice) -> tuple[str, AnyAsk]:
        who, ticket = self._own(dice, "called")
        return who, asks.Recall(ticket=ticket)

    def _arrive(self, dice: Dice) -> tuple[str, AnyAsk]:
        who, ticket = self._own(dice, "called")
        return who, asks.Arrive(ticket=ticket)

    def _no_show(self, dice: Dice) -> tuple[str, AnyAsk]:
        who, ticket = self._own(dice, "called")
        return who, asks.NoShow(ticket=ticket)

    def _park(self, dice: Dice) -> tuple[str, AnyAsk]:
        who, ticket = self._own(dice, "serving")
        return who, asks.Park(ticket=ticket)

    def _unpark(self, dice: Dice) -> tuple[str, AnyAsk]:
        return self._at_work(dice), asks.Unpark(ticket=self._any_ticket(dice, "parked"))

    def _finish(self, dice: Dice) -> tuple[str, AnyAsk]:
        who, ticket = self._own(dice, "serving")
        return who, asks.Finish(ticket=ticket, outcome=dice.pick(dice.first, tuple(Outcome)))

    def _cancel(self, dice: Dice) -> tuple[str, AnyAsk]:
        who = dice.pick(dice.who, (*GREETERS, *ADVISERS))
        return who, asks.Cancel(ticket=self._any_ticket(dice, "waiting", "parked"))

    def _transfer(self, dice: Dice) -> tuple[str, AnyAsk]:
        where = {
            "service": dice.pick(dice.first, (None, *SERVICES)),
            "counter": dice.pick(dice.second, (None, None, *COUNTERS)),
        }
        if dice.who % 2:
            who, ticket = self._own(dice, "serving", "called")
            return who, asks.Transfer(ticket=ticket, **where)
        return dice.pick(dice.who, GREETERS), asks.Transfer(
            ticket=self._any_ticket(dice, "waiting", "parked"), **where
        )

    def _prioritise(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, MINDERS), asks.Prioritise(
            ticket=self._any_ticket(dice, "waiting"),
            ticket_class=dice.pick(dice.first, (TicketClass.ORDINARY, TicketClass.SOON, TicketClass.URGENT)),
            reason="Looks unwell",
        )

    def _withdraw(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, GREETERS), asks.Withdraw(ticket=self._any_ticket(dice, "waiting"))

    def _count(self, dice: Dice) -> tuple[str, AnyAsk]:
        self.taps.append(new_id())
        return dice.pick(dice.who, GREETERS), asks.Count(
            tally=self.taps[-1], activity=dice.pick(dice.first, (Activity.TELEPHONE, Activity.SCAN_STATION))
        )

    def _uncount(self, dice: Dice) -> tuple[str, AnyAsk]:
        """Also of a tap that has not been told yet: it overtook the tap on its way."""
        tally = dice.pick(dice.ticket, (*self.taps, new_id()))
        return dice.pick(dice.who, GREETERS), asks.Uncount(tally=tally)

    def _hand_over(self, dice: Dice) -> tuple[str, AnyAsk]:
        to = self.model.people[dice.pick(dice.first, EVERYBODY)]
        return self._at_work(dice), asks.HandOver(to=to.id)

    def _free_counter(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, MINDERS), asks.FreeCounter(counter=dice.pick(dice.first, COUNTERS))

    def _undo(self, dice: Dice) -> tuple[str, AnyAsk]:
        """Not of a merge, which concerns several tickets and has tests of its own."""
        last = {key: steps[-1].action for key, steps in self.model.steps.items() if steps}
        touched = [key for key, action in last.items() if action != "merge"]
        ticket = dice.pick(dice.ticket, touched) if touched and not dice.is_odd else self._any_ticket(dice)
        if last.get(ticket) == "merge":
            ticket = new_id()
        return dice.pick(dice.who, EVERYBODY), asks.Undo(ticket=ticket)

    def _add_need(self, dice: Dice) -> tuple[str, AnyAsk]:
        ticket = self._any_ticket(dice, "waiting", "serving", "finished")
        return dice.pick(dice.who, (*GREETERS, *ADVISERS)), asks.AddNeed(
            ticket=ticket, new=new_id(), service=dice.pick(dice.first, SERVICES)
        )

    def _go_on(self, dice: Dice) -> tuple[str, AnyAsk]:
        """Mostly of somebody who was just served and has another need."""
        ready = [
            each
            for each in self.model.tickets.values()
            if each.state == "finished" and any(t.state == "waiting" for t in self.model.open_of(each.visit))
        ]
        if not ready or dice.is_odd:
            return self._at_work(dice), asks.GoOn(ticket=self._any_ticket(dice, "waiting"))
        each = dice.pick(dice.ticket, ready)
        return each.by or self._at_work(dice), asks.GoOn(ticket=each.id)

    def _amend(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, (*GREETERS, *ADVISERS)), asks.Amend(
            ticket=self._any_ticket(dice, "waiting", "serving"),
            quick=dice.pick(dice.first, (None, True, False)),
            wants=dice.pick(dice.second, ("none", "pl", "sign_language")),
        )

    def _merge(self, dice: Dice) -> tuple[str, AnyAsk]:
        waiting = [each.id for each in self.model.tickets.values() if each.state == "waiting"]
        return dice.pick(dice.who, GREETERS), asks.Merge(
            ticket=dice.pick(dice.first, waiting) if waiting else new_id(),
            into=self._any_ticket(dice, "waiting", "serving"),
        )

    def _check_in(self, dice: Dice) -> tuple[str, AnyAsk]:
        """Of any appointment, also one that has arrived; now and then of one that nobody knows."""
        _, body = self._issue(dice)
        assert isinstance(body, asks.Issue)
        known = [each.reference for each in self._bookings()]
        return "kiosk", asks.CheckIn(
            visit=body.visit,
            ticket=body.ticket,
            code=body.code,
            reference="BCDFGHJK" if dice.is_odd else dice.pick(dice.second, known),
            otherwise=body.service,
            follow_hash=body.follow_hash,
        )

    def _arrive_booking(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, (*GREETERS, *ADVISERS)), asks.ArriveBooking(
            booking=dice.pick(dice.second, self._bookings()).id, visit=new_id(), ticket=new_id()
        )

    def _serve_booking(self, dice: Dice) -> tuple[str, AnyAsk]:
        here = [each for each in self._bookings() if each.ticket is not None]
        chosen = dice.pick(dice.second, here if here and not dice.is_odd else self._bookings())
        return self._at_work(dice), asks.ServeBooking(booking=chosen.id)

    def _bookings(self) -> list[Booking]:
        assert isinstance(self.model, WithBookings)
        return sorted(self.model.bookings.values(), key=lambda each: each.starts_at)

    def _evacuate(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, GREETERS), asks.Evacuate(confirmed=True)

    def _resume(self, dice: Dice) -> tuple[str, AnyAsk]:
        return dice.pick(dice.who, GREETERS), asks.Resume()

    # What happens ------------------------------------------------------------------------------------------------

    @initialize(thrown=st.lists(DICE, min_size=4, max_size=4))
    def the_doors_open(self, thrown: list[Dice]) -> None:
        """Counters are taken, and the first visitors are here."""
        for who, counter, dice in zip(ADVISERS, COUNTERS, thrown, strict=False):
            _, body = self._sit_down(dice)
            assert isinstance(body, asks.SitDown)
            self._perform([(who, new_id(), asks.SitDown(counter=counter, services=body.services))])
            for entering in (self._issue, self._welcome):
                self._perform([_with_id(entering(dice))])

    @rule(bursts=st.lists(st.tuples(MINUTES, st.lists(DICE, min_size=1, max_size=4)), min_size=4, max_size=8))
    def many_act_at_once(self, bursts: list[tuple[int, list[Dice]]]) -> None:
        for minutes, thrown in bursts:
            self._turn(minutes)
            proposed: dict[str, Said] = {}
            for dice in thrown:
                said = _with_id(self._propose(dice))
                if said[0] in proposed and isinstance(said[2], asks.Issue | asks.CheckIn):
                    self.issued -= 1  # the kiosk has one finger; its number is not used up
                proposed.setdefault(said[0], said)
            self._perform(list(proposed.values()))
            self.everything_is_as_the_model_says()

    @rule(minutes=st.sampled_from((9, 40)))
    def time_passes(self, minutes: int) -> None:
        self._turn(minutes)

    def _turn(self, minutes: int) -> None:
        """The story is of one day: towards its evening the clock stands still."""
        if self.model.now < self.evening:
            self.table.clock.turn(timedelta(minutes=minutes))
            self.model.now = self.table.clock.micros()

    @rule(which=st.integers(0, 999))
    def something_is_said_again(self, which: int) -> None:
        """However late: the first answer, and nothing happens twice. What was refused is judged anew, so it is left out."""
        done = [each for each in self.said if each[1].refusal is None]
        if not done:
            return
        said, first = done[which % len(done)]
        assert self.table.all_at_once([said]) == [first]

    @rule(dice=DICE)
    def one_tap_is_sent_twenty_times(self, dice: Dice) -> None:
        who, body = self._count(dice)
        said = (who, new_id(), body)
        answers = self.table.all_at_once([said] * 20)
        assert all(answer == answers[0] for answer in answers)
        assert self.model.do(who, body, {}) is not None

    def _perform(self, said: list[Said]) -> None:
        self._settle(list(zip(said, self.table.all_at_once(said), strict=True)))

    def _settle(self, pairs: list[tuple[Said, Answer]]) -> None:
        """Where several orders give these answers (sit down again, and be freed), it was the one after which the database is as it is."""
        self.said += pairs
        fitting: list[Model] = []
        for order in permutations(pairs):
            trial = self.model.copy()
            if all(self._agrees(trial, one, answer) for one, answer in order) and trial not in fitting:
                fitting.append(trial)
        if not fitting:
            told = "\n".join(f"{who}: {body!r} -> {answer!r}" for (who, _, body), answer in pairs)
            raise AssertionError(
                f"in no order does the model give these answers:\n{told}\nfrom {self.model!r}"
            )
        seen = self.table.look() if len(fitting) > 1 else None
        for self.model in fitting:
            with suppress(AssertionError):
                if seen is not None:
                    self._the_database_is_what_the_model_says(seen)
                return

    @staticmethod
    def _agrees(trial: Model, said: Said, answer: Answer) -> bool:
        who, _, body = said
        expected = trial.do(who, body, answer.result)
        if expected is None or answer.result is None:
            return expected is None and answer.result is None
        return all(answer.result.get(key) == value for key, value in expected.items())

    def _lately(self) -> str:
        return "\n".join(f"{who}: {body!r} -> {answer!r}" for (who, _, body), answer in self.said[-6:])

    # What must be so ---------------------------------------------------------------------------------------------

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        self._the_database_is_what_the_model_says(self.table.look())
        self._the_lobby_calls_whom_the_model_has_called()

    def _the_database_is_what_the_model_says(self, seen: Seen) -> None:
        codes = self.model.codes
        self.model.learn({key: (row[0], row[1]) for key, row in seen.tickets.items()})
        expected = {
            t.id: (
                t.visit,
                t.service,
                t.state,
                t.urgency,
                t.for_counter,
                t.quick,
                t.wants,
                t.counted,
                codes[t.visit],
            )
            for t in self.model.tickets.values()
        }
        found = {
            key: (row[0], row[1], row[2], row[3], row[5], bool(row[7]), row[8], bool(row[9]), row[10])
            for key, row in seen.tickets.items()
        }
        differing = {key: (found.get(key), expected.get(key)) for key in found.keys() | expected.keys()}
        differing = {key: pair for key, pair in differing.items() if pair[0] != pair[1]}
        assert not differing, f"the database has, and the model, after {self._lately()}"
        where = {key: (row[4], row[6]) for key, row in seen.tickets.items() if row[2] in AT_COUNTER}
        assert where == {
            ticket.id: (ticket.at, ticket.calls)
            for ticket in self.model.tickets.values()
            if ticket.state in AT_COUNTER
        }
        assert seen.seats == {
            counter: (seat.person, seat.after_quick, seat.paused)
            for counter, seat in self.model.seats.items()
        }
        assert seen.taps == self.model.taps
        assert seen.evacuated == self.model.evacuated
        assert seen.bookings == {each.id: each.ticket for each in self._bookings()}

    def _the_lobby_calls_whom_the_model_has_called(self) -> None:
        called = {
            self.model.codes[ticket.visit]
            for ticket in self.model.tickets.values()
            if ticket.state == "called"
        }
        assert self.table.board(called) == called


KINDS = (
    *("issue",) * 4, *("welcome",) * 3, *("sit_down",) * 3, *("call_next",) * 6, *("arrive",) * 4, *("finish",) * 4,
    *("transfer",) * 2, "get_up", "take_break", "end_break", "end_break", "call_ticket", "recall", "no_show", "park",
    "unpark", "unpark", "cancel", "prioritise", "withdraw", "count", "count", "uncount", "hand_over", "free_counter",
    *("check_in",) * 3, *("arrive_booking",) * 2, *("serve_booking",) * 2, "evacuate", "resume", "resume", *("undo",) * 4, *("add_need",) * 3, *("go_on",) * 3, "amend", "merge",
)  # fmt: skip
"""As often as they stand here, as long as they make sense."""
NEEDS_TICKET = {
    "arrive": {"called"},
    "recall": {"called"},
    "no_show": {"called"},
    "finish": {"serving"},
    "park": {"serving"},
    "cancel": {"waiting", "parked"},
    "transfer": {"waiting", "called", "serving"},
    "prioritise": {"waiting"},
    "withdraw": {"waiting"},
    "add_need": {"waiting", "serving"},
    "go_on": {"finished"},
    "amend": {"waiting"},
    "merge": {"waiting"},
}


@pytest.fixture
def table(database_url: str) -> Iterator[Table]:
    with serving(database_url, idle_minutes=100_000, absolute_hours=10_000) as served:
        table = Table(served)
        try:
            yield table
        finally:
            table.close()


def test_whatever_many_hands_do_the_floor_is_right(table: Table) -> None:
    machine = type("ManyHandsHere", (ManyHands,), {"table": table})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # Not made smaller: what is under way together ends in another order each time, so a smaller story proves nothing.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_of_two_orders_with_the_same_answers_the_one_that_was_is_kept(table: Table) -> None:
    """Freed and sat down at again, or sat down at again and freed: the answers are the same, the counters are not."""
    here = asks.SitDown(counter="desk-2", services=("housing",))
    sits, freed = ("ben", new_id(), here), ("gus", new_id(), asks.FreeCounter(counter="desk-2"))
    for first, then in ((sits, freed), (freed, sits)):
        story = type("ManyHandsHere", (ManyHands,), {"table": table})()
        story._perform([("ben", new_id(), here)])
        answers = {said[0]: table.all_at_once([said])[0] for said in (first, then)}
        story._settle([(said, answers[said[0]]) for said in (sits, freed)])
        story.everything_is_as_the_model_says()
