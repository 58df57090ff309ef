"""Erlang's formula for a queue before several desks: a check on what the replay says, and no more than that.

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges" (1917); as in R. B. Cooper,
"Introduction to Queueing Theory" (2nd edition, 1981), section 3.5. Visitors come at random at a steady rate, each takes a desk for a time that is exponentially
distributed, every desk serves everybody in the order of coming, nobody leaves, and it has gone on like this for long.

A customer centre is none of that in full: the rate changes within the hour, there is a queue at the door at opening, some desks serve some needs only, booked visitors
do not come at random, and some leave. Most of all the formula tells of the steady state, which at a load near the number of desks takes hours to be reached. So
`NOT_HELD` stands beside each figure made with it, and where it and the replay differ the replay is believed.

Worked out by the recursion of Erlang's loss formula, which neither overflows nor cancels at any load.
"""

from __future__ import annotations

from math import exp

NOT_HELD = (
    "Erlang's formula takes it that visitors come at one steady rate for long, that every desk serves every need, that nobody has an appointment and that nobody leaves. "
    "It does not know of a queue at opening or one left over from the half hour before. Where it and the replay of past days differ, believe the replay."
)
MOST_DESKS = 10_000


def loss(load: float, desks: int) -> float:
    """Erlang B: the share of visitors who find every desk taken where nobody waits. `load` in desks: rate times service time."""
    if load < 0 or desks < 0:
        raise ValueError("load and desks cannot be below nought")
    blocked = 1.0
    for number in range(1, desks + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def waits_at_all(load: float, desks: int) -> float:
    """Erlang C: the share of visitors who have to wait; 1 where the load is more than the desks can do, for then the queue grows without end."""
    if load <= 0:
        return 0.0
    if desks <= load:
        return 1.0
    blocked = loss(load, desks)
    return desks * blocked / (desks - load * (1 - blocked))


def within(rate: float, service: float, desks: int, target: float) -> float:
    """The share seen within `target`: `rate` visitors a minute, `service` and `target` in minutes. 0 where the queue grows without end."""
    load = rate * service
    if load <= 0:
        return 1.0
    if desks <= load:
        return 0.0
    return 1 - waits_at_all(load, desks) * exp(-(desks - load) * target / service)


def mean_wait(rate: float, service: float, desks: int) -> float | None:
    """Minutes, over all visitors; None where the queue grows without end."""
    load = rate * service
    if load <= 0:
        return 0.0
    if desks <= load:
        return None
    return waits_at_all(load, desks) * service / (desks - load)


def desks_needed(rate: float, service: float, target: float, share: float) -> int:
    """The fewest desks with which `share` of visitors are seen within `target` minutes."""
    load = rate * service
    if load <= 0:
        return 0
    desks, blocked = 0, 1.0
    while desks < MOST_DESKS:
        desks += 1
        blocked = load * blocked / (desks + load * blocked)
        if desks <= load:
            continue
        waiting = desks * blocked / (desks - load * (1 - blocked))
        if 1 - waiting * exp(-(desks - load) * target / service) >= share:
            return desks
    raise ValueError("no number of desks is enough")
