"""The words every part shares, spelled once.

Values are what is stored and sent, so renaming one is a migration; add, do not rename. Labels that people read are not
here: visitors' words live in the catalogue (`locale/`), staff words in the pages.
"""

from __future__ import annotations

import os
import time
from enum import StrEnum

from wire.opinions import FeedbackReason as FeedbackReason
from wire.opinions import FeedbackWay as FeedbackWay
from wire.opinions import ReportState as ReportState
from wire.opinions import SaidKind as SaidKind
from wire.opinions import SaidState as SaidState

PROTOCOL = 1
"""Raised when an old peer could misread a new one. Both sides say theirs in the first frame."""

CODE_LETTERS = "ABCDEFGHJKLMNPRTUVWXY"
"""Letters a ticket code may start with: none that is read as a digit or as another letter (I, O, Q, S, Z)."""


class TicketState(StrEnum):
    """Where a ticket is. The first four are open, the rest are ends."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED})


class TicketAction(StrEnum):
    """What may be done to a ticket. What may follow what is in `server.domain.tickets`."""

    CALL = "call"
    RECALL = "recall"
    ARRIVE = "arrive"
    NO_SHOW = "no_show"
    PARK = "park"
    UNPARK = "unpark"
    TRANSFER = "transfer"
    FINISH = "finish"
    CANCEL = "cancel"
    PRIORITISE = "prioritise"
    MERGE = "merge"
    WITHDRAW = "withdraw"


class TicketClass(StrEnum):
    """How fast a waiting ticket gains priority. The rates are in `server.domain.selection`."""

    ORDINARY = "ordinary"
    SOON = "soon"
    URGENT = "urgent"
    BOOKED = "booked"


class Channel(StrEnum):
    """Through which door a visit was recorded."""

    KIOSK = "kiosk"
    GREETER = "greeter"
    WEB = "web"
    PAPER = "paper"
    """A paper ticket of the emergency pack, entered when the system was back."""


class Activity(StrEnum):
    """What a visitor did; each is counted."""

    ADVICE = "advice"
    SUPPORT = "support"
    APPOINTMENT = "appointment"
    SCAN_STATION = "scan_station"
    FORMS = "forms"
    TELEPHONE = "telephone"
    SELF_SERVICE_PC = "self_service_pc"
    PAYMENT_KIOSK = "payment_kiosk"
    DOOR_HELP = "door_help"
    """Helped by the greeter on the spot, without a ticket."""


class CountSource(StrEnum):
    """How an activity came to be counted."""

    TICKET = "ticket"
    TAP = "tap"
    DOOR = "door"
    TALLY_SHEET = "tally_sheet"
    IMPORT = "import"
    SELF_SERVICE = "self_service"
    """A scan station or a form that a visitor used by themselves."""


class DeviceKind(StrEnum):
    """What a paired device is. The kind decides which view it follows and what it may ask."""

    KIOSK = "kiosk"
    SCAN_STATION = "scan_station"
    DISPLAY = "display"
    SIGN = "sign"
    DOOR_COUNTER = "door_counter"
    PC = "pc"
    """A self-service PC whose browser shows what a visitor chose at a kiosk."""


class Audience(StrEnum):
    """Who a view is for. One feed per centre and audience (and, for phone and sign, per subject)."""

    LOBBY = "lobby"
    SIGN = "sign"
    KIOSK = "kiosk"
    STAFF = "staff"
    PHONE = "phone"
    PC = "pc"


class Role(StrEnum):
    """What a member of staff may do at a centre. Roles add up; none contains another."""

    GREETER = "greeter"
    ADVISER = "adviser"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    DISCREET = "discreet"
    """May see what a discreet visit is about; each look is logged."""
    PARTNER = "partner"
    """Of another organisation that holds surgeries here: books and runs the services it has the skill for, and sees nothing else."""
    PAPERS = "papers"
    """May see and sort what visitors handed in; each look is logged."""
    PERSONS = "persons"
    """May see figures of one person at a time; each look is logged."""


class CounterKind(StrEnum):
    """Where visitors are served. On the telephone or by video the adviser is elsewhere, and `sends_to` says where the visitor goes."""

    DESK = "desk"
    ROOM = "room"
    CRISIS_ROOM = "crisis_room"
    TELEPHONE = "telephone"
    VIDEO = "video"


class SkillKind(StrEnum):
    """What a person can do that not everybody can. Without any SERVICE skill they may serve every service."""

    SERVICE = "service"
    LANGUAGE = "language"
    SIGN_LANGUAGE = "sign_language"


class AttentionKind(StrEnum):
    """What needs a person now. The first five are asked for; the others are noticed (`server.domain.concerns`)."""

    HELP = "help"
    SET_ASIDE = "set_aside"
    ALARM = "alarm"
    SAFE_ROOM = "safe_room"
    PRIVATE = "private"
    PAPER = "paper"
    OUT_OF_ORDER = "out_of_order"
    SILENT = "silent"
    LONG_WAIT = "long_wait"
    NO_SHOW = "no_show"
    APART = "apart"
    BOOKED_WAITING = "booked_waiting"
    """Somebody with an appointment is here and was not called within five minutes of its time."""
    HAND_OFF = "hand_off"
    """What visitors handed in does not get to its team, or nobody takes it."""
    ANSWER_DUE = "answer_due"
    """Complaints or suggestions that were not acknowledged or answered in the time that was promised."""


class BookingState(StrEnum):
    """Where an appointment is. Whether an arrived one was served is its ticket's to say."""

    HELD = "held"
    """Kept for somebody who is still filling in the form, until `expires_at`."""
    BOOKED = "booked"
    ARRIVED = "arrived"
    MISSED = "missed"
    CANCELLED = "cancelled"


LIVE_BOOKINGS = frozenset({BookingState.HELD, BookingState.BOOKED, BookingState.ARRIVED, BookingState.MISSED})
"""Those whose time nobody else gets. A held one only until it expires."""


class BookingChannel(StrEnum):
    """Through whom an appointment was booked."""

    WEB = "web"
    STAFF = "staff"
    PARTNER = "partner"
    IMPORT = "import"
    API = "api"


class BookingEvent(StrEnum):
    """What other systems are told about an appointment (the type of a webhook is `foyer.booking.<value>`)."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    SERVED = "served"
    MISSED = "missed"


class BookableKind(StrEnum):
    """Whose or what time an appointment takes."""

    PERSON = "person"
    ROOM = "room"
    INTERPRETER = "interpreter"


class Way(StrEnum):
    """How a message reaches a visitor."""

    SMS = "sms"
    EMAIL = "email"


class Letter(StrEnum):
    """What a visitor is written about; each has a template a language and way."""

    CONFIRMED = "confirmed"
    REMINDER = "reminder"
    MOVED = "moved"
    CANCELLED = "cancelled"
    PLACE_FREE = "place_free"
    """A slot has come free for somebody on the waiting list."""
    COME_NOW = "come_now"
    """A walk-in's turn is near."""
    TAKE_BACK = "take_back"
    """Answer to a text we could not act on: how to cancel or reach us."""
    RECEIPT = "receipt"
    """What was handed in, and its reference."""
    UNUSABLE = "unusable"
    """What was handed in cannot be used, and what to do."""


class PostState(StrEnum):
    """What is known of one message. SENT: the provider took it; DELIVERED: the phone or mailbox did."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up, with a reason: the dead letters."""
    DROPPED = "dropped"
    """Not needed any more before it was sent."""


class HandedIn(StrEnum):
    """What a visitor handed in by themselves."""

    PAPERS = "papers"
    """Scanned at a station."""
    FORM = "form"
    """Filled in and sent."""
    BEGUN = "begun"
    """Filled in so far by somebody who then wanted a person: goes with their ticket."""


class SubmissionState(StrEnum):
    """Where a submission is. Whether what was in it is still kept is another question (`deleted_at`)."""

    RECEIVED = "received"
    """Here, and not yet with the team it is for."""
    HANDED_OFF = "handed_off"
    """Lies where the team finds it; nobody has said yet that they have it."""
    ACCEPTED = "accepted"
    """The team has it: from now on the time runs after which it is deleted here."""
    REJECTED = "rejected"
    """It cannot be used; its visitor was told, where they said how."""


class PaperKind(StrEnum):
    """What a scanned paper is, as its visitor says; `paper.<value>` in the catalogue."""

    LETTER = "letter"
    FORM = "form"
    IDENTITY = "identity"
    """Passport, driving licence, other card."""
    BANK = "bank"
    WAGES = "wages"
    TENANCY = "tenancy"
    BILL = "bill"
    MEDICAL = "medical"
    OTHER = "other"


class Readable(StrEnum):
    """Whether a submission's pages can be read, as far as a machine can tell."""

    UNKNOWN = "unknown"
    YES = "yes"
    POOR = "poor"


class UseKind(StrEnum):
    """What a visitor used by themselves; each use is a row, and its figures are sums over rows."""

    SCAN = "scan"
    FORM = "form"
    ONLINE = "online"
    """The council's pages elsewhere (a portal), shown at a kiosk."""
    SEARCH = "search"


class UseEnd(StrEnum):
    """How a use ended."""

    DONE = "done"
    LEFT = "left"
    """They walked away, and the screen cleared itself."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    PHONE = "phone"
    """Went on on their own phone."""
    PC = "pc"
    PERSON = "person"
    """Asked for a person."""
    DID_NOT_WORK = "did_not_work"


class Prepared(StrEnum):
    """Announcements whose words are in the catalogue in every language (`announce.<value>`)."""

    LONG_WAIT = "long_wait"
    CLOSING_SOON = "closing_soon"
    NO_MORE_TICKETS = "no_more_tickets"
    SYSTEM_SLOW = "system_slow"
    EVACUATE = "evacuate"
    ALL_CLEAR = "all_clear"


class Language(StrEnum):
    """ISO 639-1 code of a language the catalogue is written in."""

    EN = "en"
    GU = "gu"
    PA = "pa"
    UR = "ur"
    AR = "ar"
    PL = "pl"


RIGHT_TO_LEFT = frozenset({Language.UR, Language.AR})


class Need(StrEnum):
    """Access needs a visitor may tell; they go with the visit and are shown to staff only."""

    STEP_FREE = "step_free"
    HEARING_LOOP = "hearing_loop"
    SIGN_LANGUAGE = "sign_language"
    INTERPRETER = "interpreter"
    READING_HELP = "reading_help"
    CHILD = "child"
    GUIDE_DOG = "guide_dog"


class Outcome(StrEnum):
    """How a served ticket ended."""

    RESOLVED = "resolved"
    REFERRED = "referred"
    APPOINTMENT_MADE = "appointment_made"
    NEEDS_DOCUMENTS = "needs_documents"
    NOT_OURS = "not_ours"
    LEFT = "left"


class Avoidable(StrEnum):
    """Why a contact need not have happened (NI 14 called it avoidable contact)."""

    CHASING = "chasing"
    UNCLEAR_LETTER = "unclear_letter"
    NOT_OUR_SERVICE = "not_our_service"
    COULD_BE_ONLINE = "could_be_online"
    OUR_MISTAKE = "our_mistake"


class BreakReason(StrEnum):
    BREAK = "break"
    LUNCH = "lunch"
    TRAINING = "training"
    BACK_OFFICE = "back_office"
    HELPING = "helping"


class PrinterState(StrEnum):
    """What is known of a kiosk's printer. SILENT means no answer came: unknown, never fine."""

    READY = "ready"
    LOW = "low"
    OUT = "out"
    COVER_OPEN = "cover_open"
    MISSING = "missing"
    SILENT = "silent"
    NONE = "none"


class PartState(StrEnum):
    """What is known of a device's camera, scanner, or what it takes pictures of papers with. SILENT: not known to work; DARK: it sees nothing;
    STOPPED: it waits for a hand (a cover is open, a sheet is stuck)."""

    READY = "ready"
    DARK = "dark"
    MISSING = "missing"
    SILENT = "silent"
    STOPPED = "stopped"
    NONE = "none"


class PaperState(StrEnum):
    """What is known of one ticket's paper."""

    RESERVED = "reserved"
    SENT = "sent"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    NOT_PRINTED = "not_printed"


class RefusalCode(StrEnum):
    """Why the server said no. A person-readable sentence always comes with it."""

    NOT_ALLOWED = "not_allowed"
    NOT_SIGNED_IN = "not_signed_in"
    UNKNOWN = "unknown"
    WRONG_STATE = "wrong_state"
    NOBODY_WAITING = "nobody_waiting"
    NO_COUNTER = "no_counter"
    COUNTER_TAKEN = "counter_taken"
    BUSY = "busy"
    CLOSED = "closed"
    CODE_TAKEN = "code_taken"
    ID_REUSED = "id_reused"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    NOTHING_TO_UNDO = "nothing_to_undo"
    TRY_LATER = "try_later"
    WRONG_CENTRE = "wrong_centre"


def new_id() -> str:
    """A fresh id: 32 hex digits, unique anywhere, rising with time (the layout of RFC 9562's UUID version 7).

    Rising ids keep database indexes compact. They are names, not secrets: what must be unguessable uses `secrets`.
    """
    milliseconds = time.time_ns() // 1_000_000  # the id's own ordering only; no rule reads it
    body = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | body
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return f"{value:032x}"
