"""Who may do what: one table for what may be asked, one for every route and socket.

A command or route without a row here does not exist (the edge refuses it, and a test of the whole application fails). Roles add up
and none contains another, so a row lists every role it lets in. A row says nothing of centres because the rule is one for
all: an actor acts at its own centre only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from server.domain.account_routes import ACCOUNTS, OWN_ACCOUNT, SIGNING_IN
from server.domain.public_routes import PUBLIC
from server.domain.refusals import Refusal
from wire.vocabulary import DeviceKind, RefusalCode, Role

ActorKind = Literal["staff", "device", "visitor", "program", "nobody", "system"]


@dataclass(frozen=True)
class Actor:
    """Who is asking. `id` is the staff, device or key row; `visit` a visitor's own; `centre` where they act now; `rights` a program's."""

    kind: ActorKind
    id: int = 0
    centre: int = 0
    roles: frozenset[Role] = frozenset()
    device: DeviceKind | None = None
    visit: str | None = None
    name: str = ""
    address: str = ""
    rights: frozenset[str] = frozenset()

    def said_as(self) -> str:
        """How audit and done commands name this actor: never a person's name."""
        return f"visit:{self.visit}" if self.kind == "visitor" else f"{self.kind}:{self.id}"


NOBODY = Actor(kind="nobody")
SYSTEM = Actor(kind="system")


@dataclass(frozen=True)
class Rule:
    """Lets in staff who hold one of `roles`, devices of one of `devices`, programs whose key has one of the rights in
    `programs`, visitors by their ticket's secret, or everybody.

    `signed_in` lets in all staff, even one who must choose a password first and so has no role yet.
    """

    roles: frozenset[Role] = frozenset()
    signed_in: bool = False
    devices: frozenset[DeviceKind] = frozenset()
    programs: frozenset[str] = frozenset()
    visitor: bool = False
    everybody: bool = False

    def lets_in(self, actor: Actor) -> bool:
        if self.everybody or actor.kind == "system":
            return True
        match actor.kind:
            case "staff":
                return self.signed_in or bool(self.roles & actor.roles)
            case "device":
                return actor.device in self.devices
            case "program":
                return bool(self.programs & actor.rights)
            case "visitor":
                return self.visitor
            case _:
                return False


EVERYBODY = Rule(everybody=True)
_KIOSKS = Rule(devices=frozenset({DeviceKind.KIOSK, DeviceKind.SCAN_STATION}))
_DEVICES = Rule(devices=frozenset(DeviceKind) - {DeviceKind.DOOR_COUNTER})
ADVISERS = Rule(roles=frozenset({Role.ADVISER}))
FLOOR = Rule(roles=frozenset({Role.ADVISER, Role.GREETER}))
BOARDS = Rule(roles=frozenset(Role), devices=frozenset({DeviceKind.DISPLAY}))
WATCHERS = Rule(roles=frozenset({Role.GREETER, Role.MANAGER, Role.ADVISER}))
OUT_OF_TURN = Rule(roles=frozenset({Role.GREETER, Role.MANAGER}))
STAFF = Rule(roles=frozenset(Role))
ADMINISTRATORS = Rule(roles=frozenset({Role.ADMINISTRATOR}))
MANAGERS = Rule(roles=frozenset({Role.MANAGER}))
PERSONS = Rule(roles=frozenset({Role.PERSONS}))
"""Who sees the figures of one person at a time; each look is audited."""
COUNT_READERS = Rule(roles=frozenset({Role.GREETER, Role.MANAGER, Role.ADMINISTRATOR}))
MESSAGE_KEEPERS = Rule(roles=frozenset({Role.MANAGER, Role.ADMINISTRATOR}))
COUNT_KEEPERS = Rule(roles=frozenset({Role.MANAGER, Role.ADMINISTRATOR}))
UNCOUNTERS = Rule(roles=frozenset({Role.ADVISER, Role.GREETER, Role.MANAGER}))
TELLERS = Rule(roles=frozenset({Role.GREETER, Role.MANAGER, Role.ADMINISTRATOR}))
"""Who speaks to everybody in the building, and says that it may be entered again. That it must be left, any staff may say."""
APPOINTMENTS = Rule(roles=frozenset({Role.ADVISER, Role.GREETER, Role.MANAGER, Role.PARTNER}))
"""Who books and runs appointments; partners only those of their own surgeries, which the actions look to."""
PAPERS = Rule(roles=frozenset({Role.PAPERS}))
"""Who sees and sorts what visitors handed in; of discreet visits only with that right as well, which the pages look to."""
PAPER_LOOKERS = Rule(roles=frozenset({Role.PAPERS, Role.ADVISER}))
"""Advisers see what belongs to the visitor they serve, which the pages look to."""
PAPER_SEERS = Rule(roles=frozenset({Role.PAPERS, Role.ADVISER, Role.GREETER}))
"""Who notes that a paper was seen and not kept."""

ASKS: Mapping[str, Rule] = {
    "issue": _KIOSKS,
    "paper": _KIOSKS,
    "help": _KIOSKS,
    "health": _DEVICES,
    "set_aside": _KIOSKS,
    "printed": _KIOSKS,
    "self_test": _DEVICES,
    "leave": Rule(visitor=True),
    "sit_down": ADVISERS,
    "get_up": ADVISERS,
    "take_break": ADVISERS,
    "end_break": ADVISERS,
    "call_next": ADVISERS,
    "call_ticket": OUT_OF_TURN,
    "recall": ADVISERS,
    "arrive": ADVISERS,
    "no_show": ADVISERS,
    "park": ADVISERS,
    "unpark": ADVISERS,
    "transfer": FLOOR,
    "finish": ADVISERS,
    "cancel": FLOOR,
    "undo": FLOOR,
    "add_note": FLOOR,
    "add_need": FLOOR,
    "go_on": ADVISERS,
    "amend": FLOOR,
    "prioritise": OUT_OF_TURN,
    "merge": FLOOR,
    "withdraw": FLOOR,
    "hand_over": ADVISERS,
    "free_counter": OUT_OF_TURN,
    "take_attention": WATCHERS,
    "done_attention": WATCHERS,
    "welcome": FLOOR,
    "print_ticket": FLOOR,
    "make_discreet": WATCHERS,
    "keep_apart": WATCHERS,
    "safe_room": WATCHERS,
    "alarm": STAFF,
    "take_concern": WATCHERS,
    "done_concern": WATCHERS,
    "announce": TELLERS,
    "end_announcement": TELLERS,
    "evacuate": STAFF,
    "resume": TELLERS,
    "count": FLOOR,
    "door_help": FLOOR,
    "uncount": UNCOUNTERS,
    "recount": MANAGERS,
    "check_in": _KIOSKS,
    "look_up_booking": _KIOSKS,
    "open_on_pc": _KIOSKS,
    "pc_is": Rule(devices=frozenset({DeviceKind.PC})),
    "rate": _KIOSKS,
    "use": Rule(devices=_KIOSKS.devices | {DeviceKind.PC}),
    "arrive_booking": APPOINTMENTS,
    "serve_booking": ADVISERS,
    "mark_booking": APPOINTMENTS,
    "book": APPOINTMENTS,
    "amend_booking": APPOINTMENTS,
    "move_booking": APPOINTMENTS,
    "cancel_booking": APPOINTMENTS,
    "block_time": WATCHERS,
    "unblock_time": WATCHERS,
    "see_paper": PAPER_SEERS,
    "unsee_paper": PAPER_SEERS,
}

DIARY = Rule(roles=frozenset({Role.ADVISER, Role.GREETER, Role.MANAGER, Role.PARTNER}))
SIGNED_IN = Rule(signed_in=True)
ANY_PROGRAM = Rule(programs=frozenset({"read", "book"}))
READING_PROGRAMS = Rule(programs=frozenset({"read"}))
BOOKING_PROGRAMS = Rule(programs=frozenset({"book"}))
"""The right `names` lets in nowhere by itself: it widens what an answer tells."""
GREETERS = Rule(roles=frozenset({Role.GREETER, Role.MANAGER}))

BOOKABLE_KEEPERS = Rule(roles=frozenset({Role.MANAGER, Role.ADMINISTRATOR}))
MENDERS = Rule(roles=frozenset({Role.ADVISER, Role.GREETER, Role.MANAGER, Role.ADMINISTRATOR}))
"""Who sees appointments that no longer fit. Moving them passes its own rule."""

ROUTES: Mapping[tuple[str, str], Rule] = {
    # Signing in, a person's own account, and everybody's.
    **dict.fromkeys(SIGNING_IN, EVERYBODY),
    **dict.fromkeys(OWN_ACCOUNT, SIGNED_IN),
    **dict.fromkeys(ACCOUNTS, ADMINISTRATORS),
    # Working. Each ask passes its own rule above as well.
    ("GET", "/counter"): ADVISERS,
    ("GET", "/counter/now"): ADVISERS,
    ("GET", "/floor"): WATCHERS,
    ("GET", "/floor/now"): WATCHERS,
    ("GET", "/floor/ticket/{ticket_id}"): WATCHERS,
    ("POST", "/floor/ticket/{ticket_id}/look"): WATCHERS,
    ("POST", "/floor/ticket/{ticket_id}/qr"): FLOOR,
    ("GET", "/greeter"): GREETERS,
    ("GET", "/greeter/now"): GREETERS,
    ("GET", "/greeter/arrived/{ticket_id}"): FLOOR,
    ("POST", "/greeter/arrived/{ticket_id}/text"): FLOOR,
    # A form begun at home, at the door: what is in it is shown to nobody there.
    ("GET", "/greeter/begun"): FLOOR,
    ("POST", "/greeter/begun"): FLOOR,
    ("POST", "/greeter/begun/ticket"): FLOOR,
    ("POST", "/counter/ask"): STAFF,
    # Appointments. A partner sees those of its own services only; each ask passes its own rule as well.
    ("GET", "/appointments"): DIARY,
    ("GET", "/appointments/waits"): MANAGERS,
    ("GET", "/appointments/now"): DIARY,
    ("GET", "/appointments/people"): BOOKABLE_KEEPERS,
    ("POST", "/appointments/people"): BOOKABLE_KEEPERS,
    ("GET", "/appointments/people/{number}"): BOOKABLE_KEEPERS,
    ("POST", "/appointments/people/{number}"): BOOKABLE_KEEPERS,
    ("POST", "/appointments/people/{number}/retire"): BOOKABLE_KEEPERS,
    ("POST", "/appointments/people/{number}/take-up"): BOOKABLE_KEEPERS,
    ("POST", "/appointments/people/{number}/away"): BOOKABLE_KEEPERS,
    ("GET", "/appointments/broken"): MENDERS,
    ("POST", "/appointments/broken"): MENDERS,
    ("GET", "/appointments/broken/all"): MENDERS,
    ("POST", "/appointments/broken/all"): MENDERS,
    ("GET", "/appointments/times"): DIARY,
    ("GET", "/appointments/new"): DIARY,
    ("POST", "/appointments/new"): DIARY,
    ("GET", "/appointments/find"): DIARY,
    ("POST", "/appointments/find"): DIARY,
    ("GET", "/appointments/blocks"): DIARY,
    ("POST", "/appointments/blocks"): DIARY,
    ("POST", "/appointments/blocks/{block_id}/lift"): DIARY,
    ("GET", "/appointments/import"): MANAGERS,
    ("GET", "/appointments/import/template.csv"): MANAGERS,
    ("POST", "/appointments/import"): MANAGERS,
    ("POST", "/appointments/import/enter"): MANAGERS,
    ("POST", "/appointments/import/{import_id}/take-back"): MANAGERS,
    ("GET", "/appointments/{booking_id}"): DIARY,
    ("GET", "/appointments/{booking_id}/done"): DIARY,
    ("POST", "/appointments/{booking_id}/do"): DIARY,
    ("POST", "/appointments/{booking_id}/look"): DIARY,
    ("POST", "/appointments/{booking_id}/amend"): DIARY,
    ("GET", "/appointments/{booking_id}/move"): DIARY,
    ("POST", "/appointments/{booking_id}/move"): DIARY,
    # Counting without a ticket; the shell and the worker hold nobody's data.
    ("GET", "/greeter/count"): FLOOR,
    ("POST", "/greeter/count"): FLOOR,
    ("GET", "/greeter/count/now"): FLOOR,
    ("GET", "/greeter/count/shell"): FLOOR,
    ("GET", "/greeter/worker.js"): FLOOR,
    # Figures. Who is neither manager nor administrator sees those of today.
    ("GET", "/figures"): MANAGERS,
    ("GET", "/figures/publication"): MANAGERS,
    ("GET", "/figures/reports"): MANAGERS,
    ("POST", "/figures/reports"): MANAGERS,
    ("GET", "/figures/reports/{report_id}"): MANAGERS,
    ("GET", "/figures/reports/{report_id}/file"): MANAGERS,
    ("POST", "/figures/reports/{report_id}/stop"): MANAGERS,
    ("POST", "/figures/plans"): MANAGERS,
    ("POST", "/figures/plans/{plan_id}/stop"): MANAGERS,
    ("POST", "/figures/plans/{plan_id}/start"): MANAGERS,
    ("GET", "/figures/definitions"): STAFF,
    ("GET", "/figures/table.csv"): MANAGERS,
    ("GET", "/figures/footfall"): MANAGERS,
    ("GET", "/figures/centres"): MANAGERS,
    ("GET", "/figures/waits"): MANAGERS,
    ("GET", "/figures/why"): MANAGERS,
    ("GET", "/figures/satisfaction"): MANAGERS,
    ("GET", "/figures/satisfaction/poster"): MANAGERS,
    ("GET", "/figures/satisfaction/comments"): MANAGERS,
    ("POST", "/figures/satisfaction/comments/{rating_id}/{deed}"): MANAGERS,
    ("POST", "/figures/satisfaction/runs"): MANAGERS,
    # Complaints and compliments: written down by whoever is told, read by managers; each look is written down.
    ("GET", "/said"): MANAGERS,
    ("GET", "/said/new"): WATCHERS,
    ("POST", "/said/new"): WATCHERS,
    ("GET", "/said/{said_id}"): MANAGERS,
    ("POST", "/said/{said_id}/about"): MANAGERS,
    ("POST", "/said/{said_id}/{deed}"): MANAGERS,
    # One person at a time, each look written down; everybody sees their own.
    ("GET", "/figures/persons"): PERSONS,
    ("POST", "/figures/persons"): PERSONS,
    ("GET", "/figures/persons/me"): STAFF,
    ("GET", "/figures/staffing"): MANAGERS,
    ("GET", "/figures/staffing/roster"): MANAGERS,
    ("POST", "/figures/staffing/roster/copy"): MANAGERS,
    ("GET", "/figures/staffing/roster/day"): MANAGERS,
    ("POST", "/figures/staffing/roster/day"): MANAGERS,
    ("GET", "/figures/staffing/roster/import"): MANAGERS,
    ("GET", "/figures/staffing/roster/import/template.csv"): MANAGERS,
    ("POST", "/figures/staffing/roster/import"): MANAGERS,
    ("POST", "/figures/staffing/roster/import/enter"): MANAGERS,
    ("POST", "/figures/staffing/roster/take-back"): MANAGERS,
    ("GET", "/figures/staffing/events"): MANAGERS,
    ("POST", "/figures/staffing/events"): MANAGERS,
    ("POST", "/figures/staffing/events/{event_id}/remove"): MANAGERS,
    ("GET", "/figures/estimates"): MANAGERS,
    ("GET", "/figures/now"): MANAGERS,
    ("GET", "/figures/now/part"): MANAGERS,
    ("GET", "/counts"): COUNT_READERS,
    ("GET", "/counts/figures.csv"): COUNT_READERS,
    ("GET", "/counts/taps"): MANAGERS,
    ("POST", "/counts/taps"): MANAGERS,
    ("GET", "/counts/sheet"): COUNT_KEEPERS,
    ("POST", "/counts/sheet"): COUNT_KEEPERS,
    ("GET", "/counts/import"): COUNT_KEEPERS,
    ("POST", "/counts/import"): COUNT_KEEPERS,
    ("POST", "/counts/import/enter"): COUNT_KEEPERS,
    ("POST", "/counts/import/{import_id}/take-back"): COUNT_KEEPERS,
    ("POST", "/api/door"): Rule(devices=frozenset({DeviceKind.DOOR_COUNTER})),
    # What visitors handed in. Which ones, the pages look to; each look is written down.
    ("GET", "/papers"): PAPERS,
    ("POST", "/papers/find"): PAPERS,
    ("GET", "/papers/seen"): PAPER_SEERS,
    ("POST", "/papers/seen"): PAPER_SEERS,
    ("POST", "/papers/seen/{sighting_id}/take-back"): PAPER_SEERS,
    ("GET", "/papers/figures"): COUNT_KEEPERS,
    ("GET", "/papers/{submission_id}"): PAPERS,
    ("GET", "/papers/{submission_id}/look"): PAPER_LOOKERS,
    ("GET", "/papers/{submission_id}/files/{document_id}/{number}.jpg"): PAPER_LOOKERS,
    ("POST", "/papers/{submission_id}/files/{document_id}/download"): PAPERS,
    ("POST", "/papers/{submission_id}/accept"): PAPERS,
    ("POST", "/papers/{submission_id}/reject"): PAPERS,
    ("POST", "/papers/{submission_id}/refile"): PAPERS,
    ("POST", "/papers/{submission_id}/again"): PAPERS,
    ("POST", "/papers/{submission_id}/delete"): PAPERS,
    ("POST", "/papers/{submission_id}/turn"): PAPERS,
    ("POST", "/papers/{submission_id}/split"): PAPERS,
    ("POST", "/papers/{submission_id}/join"): PAPERS,
    # Running the place.
    ("GET", "/admin/devices"): ADMINISTRATORS,
    ("POST", "/admin/devices/approve"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/revoke"): ADMINISTRATORS,
    ("GET", "/admin/devices/{device_id}"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/replace"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/name"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/lock"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/unlock"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/exit"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/machine"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/print"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/test"): ADMINISTRATORS,
    ("POST", "/admin/devices/{device_id}/layout"): ADMINISTRATORS,
    ("GET", "/admin/releases"): ADMINISTRATORS,
    ("POST", "/admin/releases/add"): ADMINISTRATORS,
    ("POST", "/admin/releases/start"): ADMINISTRATORS,
    ("POST", "/admin/releases/withdraw"): ADMINISTRATORS,
    ("POST", "/admin/releases/rings"): ADMINISTRATORS,
    ("POST", "/admin/releases/rollout/{deed}"): ADMINISTRATORS,
    ("GET", "/api/releases/wanted"): _DEVICES,
    ("GET", "/api/releases/{version}/signature"): _DEVICES,
    ("GET", "/api/releases/{version}/file"): _DEVICES,
    ("POST", "/api/releases/told"): _DEVICES,
    ("GET", "/admin/centres"): ADMINISTRATORS,
    ("GET", "/admin/centres/{slug}/file"): ADMINISTRATORS,
    ("POST", "/admin/centres/import"): ADMINISTRATORS,
    ("POST", "/admin/centres/load"): ADMINISTRATORS,
    ("POST", "/admin/centres/copy"): ADMINISTRATORS,
    ("GET", "/admin/messages"): MESSAGE_KEEPERS,
    ("POST", "/admin/messages/test"): MESSAGE_KEEPERS,
    ("POST", "/admin/messages/{post_id}/again"): MESSAGE_KEEPERS,
    ("POST", "/admin/messages/{post_id}/let-go"): MESSAGE_KEEPERS,
    ("POST", "/admin/messages/heard/{text_id}/seen"): MESSAGE_KEEPERS,
    ("GET", "/admin/emergency"): COUNT_READERS,
    ("GET", "/admin/emergency/pack"): COUNT_READERS,
    # Shaping the centre.
    ("GET", "/setup"): ADMINISTRATORS,
    ("POST", "/setup/changes/do"): ADMINISTRATORS,
    ("POST", "/setup/changes/{number}/undo"): ADMINISTRATORS,
    ("POST", "/setup/changes/{number}/cancel"): ADMINISTRATORS,
    ("POST", "/setup/look/{kind}"): ADMINISTRATORS,
    ("GET", "/setup/calendar"): ADMINISTRATORS,
    ("GET", "/setup/centre"): ADMINISTRATORS,
    ("POST", "/setup/centre"): ADMINISTRATORS,
    ("GET", "/setup/hours"): ADMINISTRATORS,
    ("POST", "/setup/hours"): ADMINISTRATORS,
    ("GET", "/setup/layout"): ADMINISTRATORS,
    ("POST", "/setup/layout"): ADMINISTRATORS,
    ("GET", "/setup/private"): ADMINISTRATORS,
    ("POST", "/setup/private"): ADMINISTRATORS,
    ("GET", "/setup/{room}"): ADMINISTRATORS,
    ("GET", "/setup/{room}/add"): ADMINISTRATORS,
    ("POST", "/setup/{room}/add"): ADMINISTRATORS,
    ("GET", "/setup/{room}/{name}"): ADMINISTRATORS,
    ("POST", "/setup/{room}/{name}"): ADMINISTRATORS,
    ("GET", "/setup/services/{name}/hours"): ADMINISTRATORS,
    ("GET", "/setup/services/{name}/appointments"): ADMINISTRATORS,
    ("POST", "/setup/services/{name}/appointments/look"): ADMINISTRATORS,
    ("POST", "/setup/{room}/{name}/retire"): ADMINISTRATORS,
    ("GET", "/admin/house"): ADMINISTRATORS,
    ("GET", "/admin/audit"): Rule(roles=frozenset({Role.ADMINISTRATOR, Role.MANAGER})),
    # The message provider shows a token of its own.
    ("POST", "/api/notify/receipt"): EVERYBODY,
    ("POST", "/api/notify/text"): EVERYBODY,
    # Devices asking to be paired hold nothing yet but a code to show.
    ("POST", "/api/enrol"): EVERYBODY,
    ("POST", "/api/enrol/claim"): EVERYBODY,
    # A balancer and systemd ask whether this server lives and may be sent visitors: a word, and no reason.
    ("GET", "/health/live"): EVERYBODY,
    ("GET", "/metrics"): EVERYBODY,  # the route looks for its own key
    ("GET", "/health/ready"): EVERYBODY,
    ("GET", "/health/house/{nonce}"): EVERYBODY,
    ("GET", "/static/{path:path}"): EVERYBODY,
    # Boards and signs: plain files; what they show comes over their socket.
    ("GET", "/display"): EVERYBODY,
    ("GET", "/display/sign"): EVERYBODY,
    ("GET", "/pc"): EVERYBODY,
    ("GET", "/online"): EVERYBODY,
    ("GET", "/hand-in/{purpose}"): EVERYBODY,
    ("GET", "/hand-in/{purpose}/{case}"): EVERYBODY,
    ("GET", "/display/setup"): EVERYBODY,
    ("GET", "/display/static/{name}"): EVERYBODY,
    ("GET", "/display/fonts/{name}"): EVERYBODY,
    ("GET", "/display/wire/follow.js"): EVERYBODY,
    ("GET", "/display/words.json"): EVERYBODY,
    ("GET", "/speech/{ticket}/{times}/{language}"): BOARDS,
    ("GET", "/speech/told/{announcement}/{language}"): BOARDS,
    ("GET", "/speech/leaving/{language}"): BOARDS,
    # Kiosks hand in and look up; forms, addresses and how long things are kept are set up.
    ("PUT", "/api/packets/{packet_id}"): _KIOSKS,
    ("GET", "/api/addresses"): _KIOSKS,
    ("GET", "/admin/addresses"): ADMINISTRATORS,
    ("POST", "/admin/addresses"): ADMINISTRATORS,
    ("GET", "/admin/keeping"): ADMINISTRATORS,
    ("POST", "/admin/keeping"): ADMINISTRATORS,
    ("GET", "/admin/forms"): ADMINISTRATORS,
    ("POST", "/admin/forms"): ADMINISTRATORS,
    ("GET", "/admin/forms/{form_id}"): ADMINISTRATORS,
    ("POST", "/admin/forms/{form_id}"): ADMINISTRATORS,
    ("POST", "/admin/forms/{form_id}/offer"): ADMINISTRATORS,
    ("POST", "/admin/forms/{form_id}/preview"): ADMINISTRATORS,
    ("GET", "/admin/forms/{form_id}/versions"): ADMINISTRATORS,
    ("POST", "/admin/forms/{form_id}/restore"): ADMINISTRATORS,
    ("GET", "/api/forms/{slug}/{version}"): _KIOSKS,
    ("PUT", "/api/carried/{carried_id}"): _KIOSKS,
    ("GET", "/api/carried/{carried_id}"): _KIOSKS,
    ("DELETE", "/api/carried/{carried_id}"): _KIOSKS,
    ("POST", "/api/carried/{carried_id}/open"): _KIOSKS,
    **dict.fromkeys(PUBLIC, EVERYBODY),
    # Joining up: calendars by the secret in their address, and other programs by their key.
    ("GET", "/calendar/{secret}.ics"): EVERYBODY,
    ("GET", "/calendars"): STAFF,
    ("POST", "/calendars"): STAFF,
    ("POST", "/calendars/{feed_id}/revoke"): STAFF,
    ("GET", "/admin/connections"): ADMINISTRATORS,
    ("POST", "/admin/connections/calendars"): ADMINISTRATORS,
    ("POST", "/admin/connections/calendars/{feed_id}/revoke"): ADMINISTRATORS,
    ("POST", "/admin/connections/keys"): ADMINISTRATORS,
    ("POST", "/admin/connections/keys/{key_id}/revoke"): ADMINISTRATORS,
    ("POST", "/admin/connections/webhooks"): ADMINISTRATORS,
    ("GET", "/admin/connections/webhooks/{hook_id}"): ADMINISTRATORS,
    ("POST", "/admin/connections/webhooks/{hook_id}"): ADMINISTRATORS,
    ("POST", "/admin/connections/webhooks/{hook_id}/{deed}"): ADMINISTRATORS,
    ("POST", "/admin/connections/calls/{call_id}/again"): ADMINISTRATORS,
    ("GET", "/api/v1/openapi.json"): EVERYBODY,
    ("GET", "/api/v1/centres"): ANY_PROGRAM,
    ("GET", "/api/v1/centres/{centre}/services"): ANY_PROGRAM,
    ("GET", "/api/v1/centres/{centre}/services/{service}/slots"): ANY_PROGRAM,
    ("POST", "/api/v1/holds"): BOOKING_PROGRAMS,
    ("DELETE", "/api/v1/holds/{hold}"): BOOKING_PROGRAMS,
    ("POST", "/api/v1/appointments"): BOOKING_PROGRAMS,
    ("GET", "/api/v1/appointments"): READING_PROGRAMS,
    ("GET", "/api/v1/appointments/{reference}"): ANY_PROGRAM,
    ("GET", "/api/v1/figures"): READING_PROGRAMS,
    ("GET", "/api/v1/figures/{topic}"): READING_PROGRAMS,
    ("POST", "/api/v1/appointments/{reference}/move"): BOOKING_PROGRAMS,
    ("POST", "/api/v1/appointments/{reference}/cancel"): BOOKING_PROGRAMS,
    # Sockets look their caller up by the one credential each accepts, and hang up on everybody else.
    ("WEBSOCKET", "/ws/device"): _DEVICES,
    ("WEBSOCKET", "/ws/staff"): SIGNED_IN,
    ("WEBSOCKET", "/ws/t/{secret}"): Rule(visitor=True),
}


def refusal_for(rule: Rule | None, actor: Actor) -> Refusal | None:
    """None when `rule` lets `actor` in; otherwise why not."""
    if rule is not None and rule.lets_in(actor):
        return None
    if actor.kind == "nobody":
        return Refusal(RefusalCode.NOT_SIGNED_IN, "Sign in first.")
    if actor.kind == "program":
        return Refusal(
            RefusalCode.NOT_ALLOWED,
            "This key does not have the right to do this. An administrator can make one that has.",
        )
    return Refusal(
        RefusalCode.NOT_ALLOWED,
        "Your account does not have the right to do this. An administrator can give it.",
    )
