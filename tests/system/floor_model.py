"""What the floor must be after any order of asks: a small model written from the documents, not from the code.

`docs/selection.md` (who is next), `docs/ticket-states.md` (what may follow what) and `docs/counting.md` are its only sources. It knows no database, no
feed and no time but the hand that turns the test's clock. `do` says whether an ask is taken and what becomes of the floor; the test asks the real
server the same and compares everything.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from tests.system.floor_line import Line
from tests.system.floor_shapes import (
    AT_COUNTER,
    CLASSES,
    OPEN,
    STILL_HERE,
    No,
    Seat,
    Step,
    Ticket,
)
from wire import asks
from wire.vocabulary import TicketClass


@dataclass
class Model(Line):
    def copy(self) -> Model:
        return replace(
            self,
            tickets=dict(self.tickets),
            steps={key: list(steps) for key, steps in self.steps.items()},
            touched=set(self.touched),
            merged=set(self.merged),
            seats=deepcopy(self.seats),
            codes=dict(self.codes),
            taps=dict(self.taps),
        )

    def do(self, who: str, ask: asks.AnyAsk, told: dict[str, Any] | None) -> dict[str, Any] | None:
        """What the answer must hold, or None when the house must refuse; only what is taken changes the model.

        `told` is the real answer: ids that the house makes by itself (a transfer's successor) are taken from there.
        """
        trial = self.copy()
        try:
            result: dict[str, Any] = getattr(trial, f"_{ask.do}")(who, ask, told or {})
        except No:
            return None
        self.__dict__.update(trial.__dict__)
        return result

    # Entering --------------------------------------------------------------------------------------------------

    def _issue(self, who: str, ask: asks.Issue, told: dict[str, Any]) -> dict[str, Any]:
        self.codes[ask.visit] = ask.code
        self._add(Ticket(ask.ticket, ask.visit, ask.service, CLASSES[ask.service], self.now))
        return {"code": ask.code}

    def _welcome(self, who: str, ask: asks.Welcome, told: dict[str, Any]) -> dict[str, Any]:
        if self.evacuated:
            raise No
        self.greeted += 1
        self.codes[ask.visit] = f"G{self.greeted:02d}"
        self._add(
            Ticket(
                ask.ticket,
                ask.visit,
                ask.service,
                CLASSES[ask.service],
                self.now,
                quick=ask.quick,
                wants=ask.wants,
                added_by=who,
            )
        )
        return {"code": self.codes[ask.visit]}

    def _add(self, ticket: Ticket) -> None:
        self.tickets[ticket.id] = ticket
        self.steps[ticket.id] = []

    # Counters --------------------------------------------------------------------------------------------------

    def _sit_down(self, who: str, ask: asks.SitDown, told: dict[str, Any]) -> dict[str, Any]:
        taken = self.seats.get(ask.counter)
        if taken is not None and taken.person != who:
            raise No
        self._leave(who)
        self.seats[ask.counter] = Seat(who, frozenset(ask.services), self.people[who].skills)
        return {}

    def _leave(self, who: str) -> bool:
        for counter, seat in list(self.seats.items()):
            if seat.person == who:
                if self._at(counter):
                    raise No
                del self.seats[counter]
                return True
        return False

    def _get_up(self, who: str, ask: asks.GetUp, told: dict[str, Any]) -> dict[str, Any]:
        if not self._leave(who):
            raise No
        return {}

    def _take_break(self, who: str, ask: asks.TakeBreak, told: dict[str, Any]) -> dict[str, Any]:
        counter, seat = self._seat(who)
        if seat.paused or self._at(counter):
            raise No
        seat.paused = True
        return {}

    def _end_break(self, who: str, ask: asks.EndBreak, told: dict[str, Any]) -> dict[str, Any]:
        _, seat = self._seat(who)
        if not seat.paused:
            raise No
        seat.paused = False
        return {}

    def _hand_over(self, who: str, ask: asks.HandOver, told: dict[str, Any]) -> dict[str, Any]:
        counter, seat = self._seat(who)
        to = next((each for each in self.people.values() if each.id == ask.to), None)
        if to is None or "adviser" not in to.roles or any(s.person == to.name for s in self.seats.values()):
            raise No
        self.seats[counter] = Seat(to.name, seat.services, to.skills, after_quick=seat.after_quick)
        there = self._at(counter)
        if there is not None:
            self.tickets[there.id] = replace(there, by=to.name)
        return {}

    def _free_counter(self, who: str, ask: asks.FreeCounter, told: dict[str, Any]) -> dict[str, Any]:
        there = self._at(ask.counter)
        if ask.counter not in self.seats and there is None:
            raise No
        if there is not None and there.state == "serving":
            self._step(who, there, "park", ask.counter, state="parked")
        elif there is not None:
            self._take_back(there)
        self.seats.pop(ask.counter, None)
        return {}

    def _seat(self, who: str) -> tuple[str, Seat]:
        for counter, seat in self.seats.items():
            if seat.person == who:
                return counter, seat
        raise No

    def _call_next(self, who: str, ask: asks.CallNext, told: dict[str, Any]) -> dict[str, Any]:
        counter, seat = self._free_seat(who)
        chosen = self.next_for(counter)
        if chosen is None:
            raise No
        self._summon(who, counter, seat, chosen)
        return {"code": self.codes[chosen.visit]}

    def _call_ticket(self, who: str, ask: asks.CallTicket, told: dict[str, Any]) -> dict[str, Any]:
        counter, seat = self._free_seat(who)
        ticket = self._known(ask.ticket)
        if ticket.state != "waiting" or ticket not in list(self._callable()):
            raise No
        self._summon(who, counter, seat, ticket)
        return {"code": self.codes[ticket.visit]}

    def _free_seat(self, who: str) -> tuple[str, Seat]:
        counter, seat = self._seat(who)
        if seat.paused or self._at(counter) or self.evacuated:
            raise No
        return counter, seat

    def _summon(self, who: str, counter: str, seat: Seat, ticket: Ticket) -> None:
        changed: dict[str, Any] = {"at": counter, "calls": 1, "by": who, "first_called": self.now}
        self._step(who, ticket, "call", counter, after_quick=seat.after_quick, state="called", **changed)
        seat.after_quick = ticket.quick

    # What is done with a ticket ----------------------------------------------------------------------------------

    def _known(self, ticket: str) -> Ticket:
        if ticket not in self.tickets:
            raise No
        return self.tickets[ticket]

    def _step(
        self,
        who: str,
        ticket: Ticket,
        action: str,
        counter: str | None = None,
        *,
        started: str | None = None,
        after_quick: bool | None = None,
        **changed: Any,
    ) -> None:
        """`counter` is where it was done; `at` among `changed` is where the ticket is from now on."""
        if changed.get("state", ticket.state) not in OPEN:
            changed["ended"] = self.now
        was = {name: getattr(ticket, name) for name in changed}
        self.steps[ticket.id].append(Step(ticket.state, action, who, was, counter, started, after_quick))
        self.touched.add(ticket.id)
        self.tickets[ticket.id] = replace(ticket, **changed)

    def _sits_at(self, who: str) -> str | None:
        return next((counter for counter, seat in self.seats.items() if seat.person == who), None)

    def _mine(self, who: str, ask: Any, *states: str) -> Ticket:
        """A ticket in one of these states; one at a counter is its counter's own."""
        ticket = self._known(ask.ticket)
        if ticket.state not in states:
            raise No
        if ticket.state in AT_COUNTER and ticket.at != self._sits_at(who):
            raise No
        return ticket

    def _recall(self, who: str, ask: asks.Recall, told: dict[str, Any]) -> dict[str, Any]:
        if self.evacuated:
            raise No
        ticket = self._mine(who, ask, "called")
        self._step(who, ticket, "recall", ticket.at, calls=ticket.calls + 1)
        return {"calls": ticket.calls + 1}

    def _arrive(self, who: str, ask: asks.Arrive, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._mine(who, ask, "called")
        self._step(who, ticket, "arrive", ticket.at, state="serving")
        return {}

    def _no_show(self, who: str, ask: asks.NoShow, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._mine(who, ask, "called")
        self._step(who, ticket, "no_show", ticket.at, state="no_show")
        self._end_other_needs(who, ticket)
        return {}

    def _end_other_needs(self, who: str, ticket: Ticket) -> None:
        if self._is_elsewhere(ticket):
            return
        for each in self.open_of(ticket.visit):
            self._step(who, each, f"gone_with {ticket.id}", ticket.at, state="cancelled")

    def _park(self, who: str, ask: asks.Park, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._mine(who, ask, "serving")
        self._step(who, ticket, "park", ticket.at, state="parked")
        return {}

    def _unpark(self, who: str, ask: asks.Unpark, told: dict[str, Any]) -> dict[str, Any]:
        counter, seat = self._seat(who)
        ticket = self._known(ask.ticket)
        if seat.paused or self._at(counter) or ticket.state != "parked" or self._is_elsewhere(ticket):
            raise No
        self._step(who, ticket, "unpark", counter, state="serving", by=who, at=counter)
        return {}

    def _is_elsewhere(self, ticket: Ticket) -> bool:
        """The visitor is seen to for another need."""
        return any(
            t.visit == ticket.visit and t.id != ticket.id and t.state in ("called", "serving", "parked")
            for t in self.tickets.values()
        )

    def _finish(self, who: str, ask: asks.Finish, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._mine(who, ask, "serving", "parked")
        self._step(who, ticket, "finish", self._sits_at(who) or ticket.at, state="finished")
        return {}

    def _cancel(self, who: str, ask: asks.Cancel, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._mine(who, ask, "waiting", "called", "parked")
        self._step(who, ticket, "cancel", self._sits_at(who), state="cancelled")
        self._end_other_needs(who, ticket)
        return {}

    def _transfer(self, who: str, ask: asks.Transfer, told: dict[str, Any]) -> dict[str, Any]:
        if ask.service is None and ask.counter is None:
            raise No
        ticket = self._mine(who, ask, *OPEN)
        others = [each.service for each in self.open_of(ticket.visit) if each.id != ticket.id]
        if ask.service not in (None, ticket.service) and ask.service in others:
            raise No
        started = told.get("ticket", "?")
        self._step(who, ticket, "transfer", self._sits_at(who), started=started, state="transferred")
        service = ask.service or ticket.service
        by_hand = ticket.urgency != CLASSES[ticket.service]
        self._add(
            Ticket(
                started,
                ticket.visit,
                service,
                CLASSES[service] if ask.service and not by_hand else ticket.urgency,
                ticket.came,
                for_counter=ask.counter,
                quick=ticket.quick,
                wants=ticket.wants,
                added_by=ticket.added_by,
                follows=ticket.id,
            )
        )
        return {"code": self.codes[ticket.visit]}

    def _prioritise(self, who: str, ask: asks.Prioritise, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._mine(who, ask, "waiting")
        if ticket.urgency == ask.ticket_class:
            raise No
        self._step(who, ticket, "prioritise", urgency=TicketClass(ask.ticket_class).value)
        return {}

    def _withdraw(self, who: str, ask: asks.Withdraw, told: dict[str, Any]) -> dict[str, Any]:
        self._step(who, self._mine(who, ask, "waiting"), "withdraw", state="cancelled", counted=False)
        return {}

    # Taking back -------------------------------------------------------------------------------------------------

    def _undo(self, who: str, ask: asks.Undo, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._known(ask.ticket)
        minds = bool(self.people[who].roles & {"greeter", "manager"})
        if not self.steps[ticket.id]:
            if ticket.added_by is None or ticket.follows is not None or ticket.state != "waiting":
                raise No
            if ticket.added_by != who and not minds:
                raise No
            self._step(who, ticket, "withdraw", state="cancelled", counted=False)
            return {"state": "cancelled"}
        step = self.steps[ticket.id][-1]
        here = self._sits_at(who)
        if step.by != who and not minds and not (here and step.counter == here and ticket.by == who):
            raise No
        if ticket.visit in self.merged:
            raise No
        return {"state": self._take_back(ticket)}

    def _take_back(self, ticket: Ticket) -> str:
        step = self.steps[ticket.id][-1]
        target = "waiting" if step.action in ("recall", "went_on") else step.state
        if step.started is not None:
            started = self.tickets[step.started]
            if started.state != "waiting" or started.id in self.touched:
                raise No
        if target in AT_COUNTER:
            counter = step.was.get("at", ticket.at)
            there = self._at(counter)
            if counter not in self.seats or (there is not None and there.id != ticket.id):
                raise No
        if target != "waiting" and self._is_elsewhere(ticket):
            raise No
        if step.started is not None:
            del self.tickets[step.started], self.steps[step.started]
        self._restore(ticket)
        while self.tickets[ticket.id].state != target:
            self._restore(self.tickets[ticket.id])
        for each in [t for t in self.tickets.values() if t.visit == ticket.visit]:
            steps = self.steps[each.id]
            if (
                step.action in ("no_show", "cancel")
                and steps
                and steps[-1].action == f"gone_with {ticket.id}"
            ):
                self._restore(each)
        return target

    def _restore(self, ticket: Ticket) -> None:
        step = self.steps[ticket.id].pop()
        self.tickets[ticket.id] = replace(ticket, **step.was)
        if step.after_quick is not None and step.counter in self.seats:
            self.seats[step.counter].after_quick = step.after_quick

    # Several needs -----------------------------------------------------------------------------------------------

    def open_of(self, visit: str) -> list[Ticket]:
        return [t for t in self.tickets.values() if t.visit == visit and t.state in OPEN]

    def _add_need(self, who: str, ask: asks.AddNeed, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._known(ask.ticket)
        opened = self.open_of(ticket.visit)
        if any(each.service == ask.service for each in opened):
            raise No
        finished = [t for t in self.tickets.values() if t.visit == ticket.visit and t.state == "finished"]
        last = max((t.ended or 0 for t in finished), default=0)
        if not opened and (ticket.visit in self.merged or last < self.now - STILL_HERE):
            raise No
        self._add(
            Ticket(
                ask.new,
                ticket.visit,
                ask.service,
                CLASSES[ask.service],
                ticket.came,
                quick=ticket.quick,
                wants=ticket.wants,
                added_by=who,
            )
        )
        return {"code": self.codes[ticket.visit]}

    def _go_on(self, who: str, ask: asks.GoOn, told: dict[str, Any]) -> dict[str, Any]:
        counter, seat = self._free_seat(who)
        named = self._known(ask.ticket)
        waiting = [t for t in self.open_of(named.visit) if t.state == "waiting"]
        among = [named] if named.state == "waiting" else sorted(waiting, key=lambda t: t.id)
        here = [t for t in among if t.for_counter in (None, counter)]
        if not here or self._is_elsewhere(here[0]) or not self._is_still_there(who, counter, named.visit):
            raise No
        changed: dict[str, Any] = {"at": counter, "by": who, "first_called": self.now}
        after_quick, seat.after_quick = seat.after_quick, here[0].quick
        self._step(who, here[0], "call", counter, after_quick=after_quick, state="called", **changed)
        self._step(who, self.tickets[here[0].id], "went_on", counter, state="serving")
        return {"code": self.codes[named.visit]}

    def _is_still_there(self, who: str, counter: str, visit: str) -> bool:
        """The last thing at this counter was to finish one of the visit's tickets, a moment ago."""
        finished = [
            t.ended or 0
            for t in self.tickets.values()
            if t.visit == visit and t.at == counter and t.by == who and t.state == "finished"
        ]
        if not finished or max(finished) < self.now - STILL_HERE:
            return False
        return not any(
            t.at == counter and (t.first_called or 0) > max(finished) for t in self.tickets.values()
        )

    def _amend(self, who: str, ask: asks.Amend, told: dict[str, Any]) -> dict[str, Any]:
        ticket = self._known(ask.ticket)
        if ticket.state not in OPEN:
            raise No
        if ask.quick is not None:
            self.tickets[ticket.id] = replace(ticket, quick=ask.quick)
        if ask.wants is not None:
            for each in self.open_of(ticket.visit):
                self.tickets[each.id] = replace(each, wants=None if ask.wants == "none" else ask.wants)
        return {}

    def _merge(self, who: str, ask: asks.Merge, told: dict[str, Any]) -> dict[str, Any]:
        goes, stays = self._known(ask.ticket), self._known(ask.into)
        leaving, staying = self.open_of(goes.visit), self.open_of(stays.visit)
        if goes.visit == stays.visit or not leaving or not staying:
            raise No
        if any(each.state != "waiting" for each in leaving):
            raise No
        came = min(each.came for each in (*leaving, *staying))
        for each in staying:
            if each.state == "waiting":
                self.tickets[each.id] = replace(each, came=came)
        here = {each.service for each in staying}
        for each in sorted(leaving, key=lambda each: (each.came, each.id)):
            if each.service not in here:
                here.add(each.service)
                self._take_over(who, each, stays, came)
        for each in leaving:
            self._step(who, each, "merge", state="cancelled", counted=False)
        self.merged.add(goes.visit)
        return {"code": self.codes[stays.visit]}

    def _take_over(self, who: str, each: Ticket, stays: Ticket, came: int) -> None:
        given: dict[str, Any] = {"id": f"~{stays.visit}:{each.service}", "visit": stays.visit, "came": came}
        self._add(replace(each, **given, wants=each.wants or stays.wants, added_by=who, follows=None))

    def learn(self, seen: dict[str, tuple[str, str]]) -> None:
        """The house's own ids of what a merge added, from what is in the database: {id: (visit, service)}."""
        for mine in [each for each in self.tickets if each.startswith("~")]:
            ticket = self.tickets[mine]
            about = (ticket.visit, ticket.service)
            real = next((key for key in seen if key not in self.tickets and seen[key] == about), None)
            if real is None:
                continue
            del self.tickets[mine]
            self.tickets[real] = replace(ticket, id=real)
            self.steps[real] = self.steps.pop(mine)
            if mine in self.touched:
                self.touched.add(real)

    # All at once -------------------------------------------------------------------------------------------------

    def _evacuate(self, who: str, ask: asks.Evacuate, told: dict[str, Any]) -> dict[str, Any]:
        self.evacuated = True
        return {}

    def _resume(self, who: str, ask: asks.Resume, told: dict[str, Any]) -> dict[str, Any]:
        if self.evacuated:
            for ticket in [t for t in self.tickets.values() if t.state == "called"]:
                self._step(who, ticket, "recall", ticket.at, calls=ticket.calls + 1)
        self.evacuated = False
        return {}

    # Counting ----------------------------------------------------------------------------------------------------

    def _count(self, who: str, ask: asks.Count, told: dict[str, Any]) -> dict[str, Any]:
        self.taps.setdefault(ask.tally, ask.activity.value)
        return {}

    def _uncount(self, who: str, ask: asks.Uncount, told: dict[str, Any]) -> dict[str, Any]:
        self.taps[ask.tally] = None
        return {}
