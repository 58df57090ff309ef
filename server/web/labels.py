"""What staff read for the words that are stored: plain English, said once."""

from __future__ import annotations

from server.domain.tallies import TAPPED
from server.domain.telling.words import ACTIVITIES as ACTIVITIES
from server.domain.telling.words import AVOIDABLE as AVOIDABLE
from server.domain.telling.words import BREAKS as BREAKS
from server.domain.telling.words import LANGUAGES as LANGUAGES
from server.domain.telling.words import NEEDS as NEEDS
from server.domain.telling.words import OUTCOMES as OUTCOMES
from wire.vocabulary import (
    Activity,
    AttentionKind,
    CounterKind,
    DeviceKind,
    HandedIn,
    Language,
    Letter,
    PaperKind,
    PaperState,
    PartState,
    PostState,
    Readable,
    Role,
    SubmissionState,
    TicketClass,
    Way,
)

CLASSES = {
    TicketClass.ORDINARY: "",
    TicketClass.SOON: "Soon",
    TicketClass.URGENT: "Urgent",
    TicketClass.BOOKED: "Appointment",
}
ROLES = {
    Role.GREETER: "Greeter",
    Role.ADVISER: "Adviser",
    Role.MANAGER: "Manager",
    Role.ADMINISTRATOR: "Administrator",
    Role.DISCREET: "Discreet visits",
    Role.PARTNER: "Partner",
    Role.PAPERS: "Papers",
    Role.PERSONS: "Figures of persons",
}
ROLE_HINTS = {
    Role.GREETER: "Welcomes and sorts visitors, sees the floor, answers calls for help",
    Role.ADVISER: "Calls and serves visitors at a counter",
    Role.MANAGER: "Sees the floor and the audit, may call out of turn",
    Role.ADMINISTRATOR: "Sets up the centre, its staff and devices",
    Role.DISCREET: "May see what a discreet visit is about; each look is logged",
    Role.PARTNER: "Of another organisation: books and runs its own surgeries here, and sees nothing else",
    Role.PAPERS: "May see, sort and pass on what visitors handed in; each look is logged",
    Role.PERSONS: "May see the figures of one person at a time; each look is logged",
}
DEVICES = {
    DeviceKind.KIOSK: "Kiosk",
    DeviceKind.SCAN_STATION: "Scan station",
    DeviceKind.DISPLAY: "Lobby display",
    DeviceKind.SIGN: "Counter sign",
    DeviceKind.DOOR_COUNTER: "Door counter",
    DeviceKind.PC: "Self-service PC",
}
CAMERA = {
    PartState.READY: "Works",
    PartState.DARK: "Sees nothing: covered, or without light",
    PartState.SILENT: "Gives no picture",
    PartState.MISSING: "Not found",
}
PLATE = {
    PartState.READY: "Works",
    PartState.DARK: "Sees nothing: covered, or its lamp is off",
    PartState.SILENT: "Gives no picture",
    PartState.STOPPED: "Has stopped: its cover is open, or a sheet is stuck",
    PartState.MISSING: "Not found",
}
SCANNER = {
    PartState.READY: "Works",
    PartState.SILENT: "Has not read a code yet",
    PartState.MISSING: "Not found",
}
TAPS = TAPPED
SHEET = (*TAPS, Activity.DOOR_HELP)
"""What a tally sheet has lines for."""
COUNTER_KINDS = {
    CounterKind.DESK: "Desk",
    CounterKind.ROOM: "Room",
    CounterKind.CRISIS_ROOM: "Crisis room",
    CounterKind.TELEPHONE: "By telephone",
    CounterKind.VIDEO: "By video",
}
CONCERNS = {
    AttentionKind.HELP: "Help pressed",
    AttentionKind.SET_ASIDE: "Number to look into",
    AttentionKind.ALARM: "Alarm",
    AttentionKind.SAFE_ROOM: "Safe room",
    AttentionKind.PRIVATE: "Private talk",
    AttentionKind.PAPER: "Paper",
    AttentionKind.OUT_OF_ORDER: "Out of order",
    AttentionKind.SILENT: "Not heard from",
    AttentionKind.LONG_WAIT: "Long wait",
    AttentionKind.BOOKED_WAITING: "Appointment waiting",
    AttentionKind.NO_SHOW: "Did not come",
    AttentionKind.APART: "Keep apart",
    AttentionKind.HAND_OFF: "Papers that do not go on",
    AttentionKind.ANSWER_DUE: "Answers that are late",
}
PAPERS = {
    PaperState.RESERVED: "not printed yet",
    PaperState.SENT: "on its way to the printer",
    PaperState.CONFIRMED: "printed",
    PaperState.UNKNOWN: "may not have come out",
    PaperState.NOT_PRINTED: "not printed",
}
STEPS = {
    "call": "Called",
    "recall": "Called again",
    "arrive": "Arrived",
    "no_show": "Marked as not come",
    "park": "Parked",
    "unpark": "Taken up again",
    "transfer": "Passed on",
    "finish": "Finished",
    "cancel": "Marked as left",
    "prioritise": "Priority changed",
    "merge": "Merged with another ticket",
    "withdraw": "Entered by mistake",
}
WAYS = {Way.SMS: "Texts", Way.EMAIL: "E-mails"}
WAYS_ONE = {Way.SMS: "Text", Way.EMAIL: "E-mail"}
LETTERS = {
    Letter.CONFIRMED: "Appointment booked",
    Letter.REMINDER: "Reminder",
    Letter.MOVED: "Appointment moved",
    Letter.CANCELLED: "Appointment cancelled",
    Letter.PLACE_FREE: "A place has come free",
    Letter.COME_NOW: "Please come now",
    Letter.TAKE_BACK: "How to change or cancel",
    Letter.RECEIPT: "Papers or form received",
    Letter.UNUSABLE: "Papers or form cannot be used",
}
POSTS = {
    PostState.QUEUED: "Waiting to be sent",
    PostState.SENT: "Sent, not yet known to have arrived",
    PostState.DELIVERED: "Delivered",
    PostState.FAILED: "Did not get through",
    PostState.DROPPED: "Not needed any more",
}

DEEDS = {
    "test_message_sent": "Sent a test message",
    "message_again": "Sent a message again",
    "message_let_go": "Saw to a message that did not get through",
    "text_dealt_with": "Dealt with a text from a visitor",
    "looked_at_person": "Looked at the figures of a person",
    "signed_in": "Signed in",
    "sign_in_failed": "Tried to sign in and was not let in",
    "signed_out": "Signed out",
    "chose_centre": "Chose a centre",
    "staff_added": "Added an account",
    "staff_renamed": "Changed a person's name",
    "skills_changed": "Changed skills",
    "roles_changed": "Changed roles",
    "staff_disabled": "Disabled an account",
    "staff_enabled": "Enabled an account",
    "password_reset": "Set a one-time password",
    "password_changed": "Changed own password",
    "factor_begun": "Began to set up an authenticator app",
    "factor_confirmed": "Set up an authenticator app",
    "factor_reset": "Took a person's authenticator app away",
    "recovery_code_used": "Signed in with a recovery code",
    "recovery_codes_made": "Made new recovery codes",
    "confirmed_who": "Showed again who they are",
    "signed_out_elsewhere": "Signed out everywhere else",
    "session_ended": "Ended one sign-in",
    "sessions_ended": "Signed a person out everywhere",
    "emergency_used": "Signed in past the council's sign-on",
    "emergency_set": "Made an account one for emergencies",
    "emergency_ended": "Made an account no longer one for emergencies",
    "emergency_seen": "Looked into the use of an emergency account",
    "sign_on_refused": "Was refused at the council's sign-on",
    "sign_on_made": "Came by the council's sign-on for the first time",
    "sign_on_joined": "Joined an account to the council's sign-on",
    "sign_on_parted": "Parted an account from the council's sign-on",
    "sign_on_roles": "Changed what roles at the council's sign-on give",
    "sign_on_ended": "Was signed out by the council's sign-on",
    "links_renewed": "Made a new key for visitors' links",
    "device_approved": "Paired a device",
    "device_revoked": "Revoked a device",
    "device_renamed": "Renamed a device",
    "device_locked": "Locked a device",
    "device_unlocked": "Unlocked a device",
    "exit_kiosk_set": "Set a kiosk to ask at the exit how the visit was",
    "device_moved": "Let a device's card go with another machine",
    "device_stays": "Kept a device on its machine, though another came with its card",
    "exit_kiosk_ended": "Set a kiosk to ask no longer at the exit",
    "comments_read": "Read what visitors wrote",
    "comment_dealt_with": "Dealt with what a visitor wrote",
    "ratings_taken_out": "Took answers out of the figures",
    "rating_put_back": "Put an answer back into the figures",
    "said_written_down": "Wrote down a complaint or compliment",
    "said_read": "Read a complaint or compliment",
    "said_acknowledged": "Acknowledged a complaint",
    "said_answered": "Answered a complaint",
    "said_passed_on": "Passed on a complaint or compliment",
    "said_withdrawn": "Withdrew a complaint or compliment",
    "said_service_named": "Named the service a complaint is about",
    "said_reopened": "Took up a complaint again",
    "device_test_print": "Asked for a test print",
    "device_self_test": "Asked for a self-test",
    "centre_exported": "Downloaded a centre's file",
    "centre_loaded": "Loaded a centre's file",
    "centre_copied": "Made a centre from a copy",
    "laid out": "Laid out a display",
    "announced": "Told everyone waiting",
    "ended announcement": "Ended an announcement",
    "evacuated": "Had everyone leave the building",
    "resumed": "Said the building may be entered again",
    "recounted": "Corrected a count",
    "tally_sheet": "Entered a tally sheet",
    "handed over": "Handed a counter over",
    "freed a counter": "Freed a counter that was left",
    "prioritised": "Changed a priority",
    "merged": "Merged two tickets",
    "amended": "Corrected a visit",
    "withdrawn": "Took out a ticket entered by mistake",
    "setup_changed": "Changed the set-up",
    "setup_planned": "Planned a change of the set-up",
    "setup_cancelled": "Cancelled a planned change",
    "setup_failed": "A planned change could not be done",
    "undo": "Took a step back",
    "call out of turn": "Called out of turn",
    "sit down": "Sat down",
    "get up": "Got up",
    "seen to": "Saw to a request",
    "figures_imported": "Imported past figures",
    "report_asked": "Took figures away",
    "report_stopped": "Stopped a report",
    "report_plan_made": "Had a report sent regularly",
    "report_plan_stopped": "Stopped a regular report",
    "report_plan_started": "Started a regular report again",
    "report_sent": "A regular report was sent",
    "addresses_loaded": "Loaded a list of addresses",
    "import_taken_back": "Took an import back",
    "alarm": "Raised an alarm",
    "asked for a safe room": "Asked for a safe room",
    "made discreet": "Made a visit discreet",
    "made public": "Made a discreet visit public again",
    "kept apart": "Named a visit to be kept apart",
    "no longer kept apart": "Let a visit be brought together again",
    "looked at a discreet visit": "Looked at what a discreet visit is about",
    "was refused a look": "Was refused a look at a discreet visit",
    "showed a square": "Showed the square to follow a visit",
    "hook_added": "Added a webhook",
    "hook_changed": "Changed a webhook",
    "hook_secret_changed": "Made a new secret for a webhook",
    "hook_paused": "Paused a webhook",
    "hook_paused_by_itself": "A webhook was paused: the other side wants no calls",
    "hook_resumed": "Let a webhook go on",
    "hook_removed": "Removed a webhook",
    "hook_call_given_up": "A call of a webhook was given up",
    "hook_call_again": "Sent a call of a webhook again",
    "hook_calls_again": "Sent the given-up calls of a webhook again",
    "feed_made": "Made a calendar address",
    "feed_revoked": "Revoked a calendar address",
    "api_key_made": "Made a key for a program",
    "api_key_revoked": "Revoked a program's key",
}

DEEDS |= {
    "audit erased": "Erased audit whose time was over",
    "audit gap accepted": "Said that a gap in the audit is explained",
    "form_added": "Began a form",
    "begun_form_at_the_door": "Gave a number for a form begun at home",
    "form_published": "Published a form",
    "form_draft_dropped": "Threw the draft of a form away",
    "form_restored": "Put an older version of a form back",
    "form_offer": "Changed where a form is offered",
    "form_retired": "Offered a form no more",
    "form_brought_back": "Brought a form back",
    "paper_seen": "Saw a paper, not kept",
    "paper_unseen": "Took back that a paper was seen",
    "looked at papers": "Looked at what a visitor handed in",
    "downloaded papers": "Downloaded what a visitor handed in",
    "refused papers": "Was refused a look at what a visitor handed in",
    "found papers": "Looked for a submission by its reference",
    "submission_accepted": "A team has what was handed in",
    "submission_rejected": "Rejected what was handed in",
    "submission_refiled": "Filed a submission elsewhere",
    "submission_again": "Sent a submission to its team again",
    "submission_deleted_by_hand": "Deleted what was handed in before its time",
    "submission_turned": "Turned pages of a submission",
    "submission_split": "Split a submission",
    "submission_joined": "Put two submissions together",
    "hand_off_given_up": "A hand-off to a team was given up",
    "hand_off_taken_back": "Took a hand-off back from a team's folder",
}
SEEN_PAPERS = {
    "passport": "Passport",
    "driving_licence": "Driving licence",
    "residence_permit": "Residence permit",
    "birth_certificate": "Birth certificate",
    "bank_statement": "Bank statement",
    "payslip": "Payslip",
    "tenancy": "Tenancy agreement",
    "bill": "Bill",
    "medical_letter": "Medical letter",
    "benefit_letter": "Letter about benefits",
    "other": "Another paper",
}
PAPER_KINDS = {
    PaperKind.LETTER: "Letter",
    PaperKind.FORM: "Form",
    PaperKind.IDENTITY: "Identity",
    PaperKind.BANK: "Bank statement",
    PaperKind.WAGES: "Wages",
    PaperKind.TENANCY: "Tenancy",
    PaperKind.BILL: "Bill",
    PaperKind.MEDICAL: "Medical",
    PaperKind.OTHER: "Paper",
}
SUBMISSIONS = {
    SubmissionState.RECEIVED: "Not with its team yet",
    SubmissionState.HANDED_OFF: "Waits to be picked up",
    SubmissionState.ACCEPTED: "With its team",
    SubmissionState.REJECTED: "Rejected",
}
HANDED_IN = {HandedIn.PAPERS: "Papers", HandedIn.FORM: "Form", HandedIn.BEGUN: "Form begun"}
READABLE = {Readable.UNKNOWN: "Not looked at yet", Readable.YES: "Can be read", Readable.POOR: "Hard to read"}
UNUSABLE = {
    "blurred": "The picture is blurred",
    "dark": "The picture is too dark",
    "cut_off": "Part of a page is missing",
    "page_missing": "A page is missing",
    "wrong_paper": "It is not the paper we need",
    "out_of_date": "The paper is too old",
    "whose": "We cannot tell whose it is",
}
DELETE_WHY = {
    "mistake": "It was handed in by mistake",
    "asked": "Its visitor asked for it",
    "trial": "It was only a trial",
}


def wanted(wants: str) -> str:
    """Whom a visitor asked for, as "wants ..." goes on."""
    if wants == "sign_language":
        return "somebody who signs"
    return f"somebody who speaks {LANGUAGES.get(Language(wants), wants) if wants in set(Language) else wants}"


def deed(what: str) -> str:
    """What an audit entry says was done; one nobody wrote words for is shown as it is stored."""
    said = what.replace("_", " ")
    return DEEDS.get(what) or said[:1].upper() + said[1:]  # the rest as it is: `G02`, `Desk 6`


MADE_SURE = {"in_person": "was seen in person", "called_back": "was called back"}
"""How an administrator made sure who asks for an app to be taken away."""
MEANS = {
    "password": "password",
    "factor": "password and app",
    "sso": "the council's sign-on",
}
"""How somebody signed in."""
