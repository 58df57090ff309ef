"""What the console shows of a counter beyond its own ticket: other needs of the visit, whom one may go on with, who could take over.

It says beforehand what the actions will do (`server.actions.needs`, `handing_over`, `seats`), by the same rules, so that a page offers nothing
that is then refused, but for what happens in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from server.domain import selection, skills
from server.live.console_shapes import ColleagueNow, CounterNow, ServiceNow, TicketNow
from server.store.queries import people
from server.store.queries.tickets import Seated
from server.store.sql import Sql, Statement
from wire.vocabulary import TicketState

STILL_HERE = 30 * 60_000_000
"""As long as a visitor counts as still at the counter after a finish (`actions.needs`)."""
_BUSY = (TicketState.CALLED, TicketState.SERVING, TicketState.PARKED)

_LAST_ENDED = Statement(
    """SELECT visit_id, state, staff_id, ended_at FROM ticket WHERE centre_id = :centre AND ended_at >= :since
    AND counter_id = :counter AND first_called_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT 1"""
)
_COLLEAGUES = Statement(
    """SELECT f.id, f.name FROM staff f JOIN staff_role r ON r.staff_id = f.id AND r.centre_id = :centre AND r.role = 'adviser'
    WHERE f.disabled_at IS NULL AND f.id != :staff
    AND NOT EXISTS (SELECT 1 FROM seat s WHERE s.staff_id = f.id AND s.until_at IS NULL) ORDER BY f.name, f.id"""
)


def with_others(
    tickets: Sequence[TicketNow], counters: Sequence[CounterNow], staff: int, now: int
) -> list[TicketNow]:
    """Each ticket with what other tickets and counters mean for it: where its visitor is seen to for another need, whether somebody whom
    it asked for is there, and so whether who looks could call it now."""
    at = {each.visit: each.counter_name or "a counter" for each in tickets if each.state in _BUSY}
    seats = [
        Seated(each.id, each.services, each.skills) for each in counters if each.staff and not each.pause
    ]
    mine = next((each for each in counters if each.staff == staff), None)
    own = mine.skills if mine else ()
    found = []
    for each in tickets:
        elsewhere = at.get(each.visit, "") if each.state is TicketState.WAITING else ""
        awaited = selection.is_there(each.wants, each.service.id, seats)
        fresh = replace(each, elsewhere=elsewhere, awaited=awaited)
        kept_back = bool(elsewhere) or selection.is_held(fresh, now, own)
        found.append(replace(fresh, for_me=False) if kept_back else fresh)
    return found


def next_for(
    mine: CounterNow | None, waiting: Sequence[TicketNow], counters: Sequence[CounterNow], now: int
) -> selection.Chosen[TicketNow] | None:
    """As the call itself will choose: a direction to a counter where nobody sits is passed over."""
    if mine is None:
        return None
    manned = {counter.id for counter in counters if counter.staff}
    here = [each for each in waiting if not each.elsewhere]
    directed = [each if each.for_counter in manned else replace(each, for_counter=None) for each in here]
    possible = [each for each in directed if each.for_counter == mine.id or each.service.id in mine.services]
    return selection.choose(possible, now, mine.id, skills=mine.skills, after_quick=mine.after_quick)


def also_came_for(asked: TicketNow | None, tickets: Sequence[TicketNow]) -> tuple[TicketNow, ...]:
    """The other open tickets of the same visit, in the order they were asked for."""
    if asked is None:
        return ()
    return tuple(
        sorted(
            (each for each in tickets if each.visit == asked.visit and each.id != asked.id),
            key=lambda each: each.id,
        )
    )


def going_on(
    sql: Sql, centre: int, mine: CounterNow | None, tickets: Sequence[TicketNow], now: int
) -> TicketNow | None:
    """The next need of the visitor who has just been finished with here and has not left the counter."""
    if mine is None or mine.ticket is not None or mine.pause is not None:
        return None
    values = {"centre": centre, "since": now - STILL_HERE, "counter": mine.id}
    last = sql.one(_LAST_ENDED, values)
    if last is None or last[1] != TicketState.FINISHED or last[2] != mine.staff:
        return None
    if any(each.counter == mine.id and (each.first_called_at or 0) > last[3] for each in tickets):
        return None
    here = [
        each
        for each in tickets
        if each.visit == last[0] and each.state is TicketState.WAITING and not each.elsewhere
    ]
    return min(
        (each for each in here if each.for_counter in (None, mine.id)), key=lambda each: each.id, default=None
    )


def colleagues(sql: Sql, centre: int, staff: int) -> tuple[ColleagueNow, ...]:
    """Advisers of this centre who sit nowhere: they could take a counter over."""
    return tuple(
        ColleagueNow(row[0], row[1]) for row in sql.all(_COLLEAGUES, {"centre": centre, "staff": staff})
    )


def may_serve(
    sql: Sql, centre: int, staff: int, services: Mapping[int, ServiceNow]
) -> tuple[frozenset[int], tuple[str, ...]]:
    """The services this person may sit down for, and what they can do that not everybody can."""
    found = people.colleague(sql, staff, centre)
    if found is None:
        return frozenset(), ()
    allowed = {
        each.id
        for each in services.values()
        if not skills.why_not(each.slug, each.discreet, each.name, found.skills, found.roles)
    }
    return frozenset(allowed), tuple(skills.wanted_for(found.skills))
