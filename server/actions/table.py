"""Which function does which ask. A test holds it against `wire.asks` and the access table: none may miss anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from server.actions import announcing, attention, issuing, queue, seats
from server.actions.device_history import health
from server.store.tx import Tx

Action = Callable[[Tx, Any], dict[str, Any]]

ACTIONS: Mapping[str, Action] = {
    "issue": issuing.issue,
    "paper": issuing.paper,
    "health": health,
    "help": attention.ask_help,
    "set_aside": attention.set_aside,
    "leave": queue.leave,
    "sit_down": seats.sit_down,
    "get_up": seats.get_up,
    "take_break": seats.take_break,
    "end_break": seats.end_break,
    "call_next": queue.call_next,
    "call_ticket": queue.call_ticket,
    "recall": queue.recall,
    "arrive": queue.arrive,
    "no_show": queue.no_show,
    "park": queue.park,
    "unpark": queue.unpark,
    "transfer": queue.transfer,
    "finish": queue.finish,
    "cancel": queue.cancel,
    "undo": queue.undo,
    "add_note": queue.add_note,
    "take_attention": attention.take,
    "done_attention": attention.done,
    "announce": announcing.announce,
    "end_announcement": announcing.end_announcement,
    "evacuate": announcing.evacuate,
    "resume": announcing.resume,
}

UNKEPT = frozenset({"health"})
"""Asks whose repetition does no harm; they leave no row among the done commands."""
