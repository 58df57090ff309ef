"""Which function does which ask. A test holds it against `wire.asks` and the access table: none may miss anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from server.actions import (
    announcing,
    arriving,
    attention,
    blocking,
    booking_changes,
    counting,
    device_reports,
    discreet,
    handing_over,
    issuing,
    looking_up,
    marking,
    merging,
    needs,
    queue,
    seats,
    taking_back,
    welcome,
)
from server.actions.device_history import health
from server.store.tx import Tx

Action = Callable[[Tx, Any], dict[str, Any]]

ACTIONS: Mapping[str, Action] = {
    "issue": issuing.issue,
    "paper": issuing.paper,
    "health": health,
    "help": attention.ask_help,
    "set_aside": attention.set_aside,
    "printed": device_reports.printed,
    "self_test": device_reports.self_test,
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
    "undo": taking_back.undo,
    "add_note": queue.add_note,
    "add_need": needs.add_need,
    "go_on": needs.go_on,
    "amend": needs.amend,
    "prioritise": needs.prioritise,
    "merge": merging.merge,
    "withdraw": needs.withdraw,
    "hand_over": handing_over.hand_over,
    "free_counter": handing_over.free_counter,
    "take_attention": attention.take,
    "done_attention": attention.done,
    "welcome": welcome.welcome,
    "print_ticket": welcome.print_ticket,
    "make_discreet": discreet.make_discreet,
    "keep_apart": discreet.keep_apart,
    "safe_room": discreet.safe_room,
    "alarm": attention.alarm,
    "take_concern": attention.take_concern,
    "done_concern": attention.done_concern,
    "announce": announcing.announce,
    "end_announcement": announcing.end_announcement,
    "evacuate": announcing.evacuate,
    "resume": announcing.resume,
    "count": counting.count,
    "door_help": counting.door_help,
    "uncount": counting.uncount,
    "recount": counting.recount,
    "check_in": arriving.check_in,
    "look_up_booking": looking_up.look_up_booking,
    "arrive_booking": arriving.arrive_booking,
    "serve_booking": arriving.serve_booking,
    "mark_booking": marking.mark_booking,
    "book": booking_changes.book,
    "amend_booking": booking_changes.amend_booking,
    "move_booking": booking_changes.move_booking,
    "cancel_booking": booking_changes.cancel_booking,
    "block_time": blocking.block_time,
    "unblock_time": blocking.unblock_time,
}

UNKEPT = frozenset({"health", "look_up_booking"})
"""Asks whose repetition does no harm; they leave no row among the done commands."""
