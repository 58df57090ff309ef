"""What the house notices by itself: that somebody should go and see, and why.

Nothing here is stored. A concern is worked out anew from what is to be seen at one instant, so it is gone the moment its cause is, and nobody
clears a list by hand. Its `subject` names the cause: whoever takes it, or says done, speaks of that subject. Done keeps it quiet for `QUIET`,
unless the cause went away and came back meanwhile (the rounds watch for that); a wish to talk in private that was seen to stays so.

A sentence changes only when what it tells does, never with the minute: the screens' mark is made of it, and `since_at` tells how long. Many who wait too
long for one service are one concern, or a busy morning would hide the alarm in a list of forty. No sentence names what a discreet visit is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from server.domain import booked_waiting, machine_health, stuck, unanswered
from server.domain.stuck import Stuck
from server.domain.unanswered import Unanswered
from wire.vocabulary import AttentionKind, DeviceKind, PaperState, PartState, PrinterState

MINUTE = 60_000_000
SILENT_AFTER = 3 * MINUTE
"""Devices report every minute; one not heard for three is out of reach."""
CLOCK_OFF = 2 * 60_000
"""Milliseconds by which a device's clock may be wrong: tickets show minutes."""
LOOK_FOR = 10 * MINUTE
"""So long after a no-show it is worth looking for the visitor in the house."""
PRINT_FAILED = 15 * MINUTE
QUIET = 15 * MINUTE
_NOT_OUT = frozenset({"", PaperState.NOT_PRINTED.value, PaperState.UNKNOWN.value})
CROWD = 3
"""More people than this over the target of one service are one concern."""

URGENCY = (
    AttentionKind.ALARM,
    AttentionKind.SAFE_ROOM,
    AttentionKind.APART,
    AttentionKind.HELP,
    AttentionKind.PRIVATE,
    AttentionKind.NO_SHOW,
    AttentionKind.SET_ASIDE,
    AttentionKind.BOOKED_WAITING,
    AttentionKind.OUT_OF_ORDER,
    AttentionKind.PAPER,
    AttentionKind.SILENT,
    AttentionKind.HAND_OFF,
    AttentionKind.LONG_WAIT,
    AttentionKind.ANSWER_DUE,
)
"""People in danger, people who asked, people who may go away, a promise not kept, machines that stop people, people who wait, letters that wait."""
_SAID_BETTER = frozenset({AttentionKind.PRIVATE, AttentionKind.BOOKED_WAITING})
SETTLED_FOR_GOOD = frozenset({AttentionKind.PRIVATE, AttentionKind.ANSWER_DUE})
"""Once seen to, it is not told again."""


class Device(Protocol):
    """`heard_at` is when it last said anything, or was approved."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def health(self) -> Mapping[str, Any]: ...
    @property
    def heard_at(self) -> int: ...


class Waiting(Protocol):
    """A waiting ticket. `asked_at` is the device where it was taken: empty when a person entered it."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def service(self) -> int: ...
    @property
    def service_name(self) -> str: ...
    @property
    def target_minutes(self) -> int: ...
    @property
    def arrived_at(self) -> int: ...
    @property
    def discreet(self) -> bool: ...
    @property
    def private(self) -> bool: ...
    @property
    def device(self) -> int | None: ...
    @property
    def device_name(self) -> str: ...


class Missed(NamedTuple):
    """A ticket that was called and not answered."""

    ticket: str
    code: str
    ended_at: int


class Print(NamedTuple):
    """A ticket lately sent to a printer. `paper` is empty while the printer has not said what became of it; it is given up at `done_at`."""

    job: str
    ticket: str
    code: str
    device: int
    device_name: str
    at: int
    done_at: int | None
    paper: str


class Apart(NamedTuple):
    """An open visit of a case whose visitors must not meet."""

    visit: str
    ticket: str
    code: str
    reference: str
    arrived_at: int


class Seen(NamedTuple):
    """What is to be seen of a centre at one instant."""

    devices: Sequence[Device] = ()
    waiting: Sequence[Waiting] = ()
    missed: Sequence[Missed] = ()
    prints: Sequence[Print] = ()
    apart: Sequence[Apart] = ()
    booked: Sequence[booked_waiting.Booked] = ()
    seats: Sequence[booked_waiting.Seat] = ()
    stuck: Sequence[Stuck] = ()
    unanswered: Unanswered | None = None
    zone: str = "UTC"
    """Whose clock the sentences tell times by."""
    discreet_target: int = 20
    """Minutes by which any discreet visit is said to wait long: one for all, or the figure would tell what it is about."""


class Concern(NamedTuple):
    """`say` is for staff: what is the matter and what to do. `since_at` is None when nobody knows since when."""

    subject: str
    kind: AttentionKind
    say: str
    since_at: int | None = None
    ticket: str | None = None
    code: str = ""
    device: int | None = None


def notice(seen: Seen, now: int) -> list[Concern]:
    """All concerns at `now` (microseconds), the most urgent first, of one urgency the oldest first."""
    found = [
        *_kept_apart(seen.apart),
        *_private(seen.waiting),
        *_missed(seen.missed, now),
        *_booked(seen, now),
        *_unprinted(seen.prints, now),
        *(concern for device in seen.devices for concern in _of_device(device, now)),
        *_stuck(seen.stuck),
        *_unanswered(seen.unanswered),
        *_long_waits(seen.waiting, seen.discreet_target, now),
    ]
    return sorted(found, key=lambda each: rank(each.kind, each.since_at, each.subject))


def once_a_person(told: Sequence[Concern]) -> list[Concern]:
    """`told` without the long wait of whom more is said: nobody needs to be told of one person twice."""
    gone_to = {each.ticket for each in told if each.kind in _SAID_BETTER}
    return [each for each in told if each.kind is not AttentionKind.LONG_WAIT or each.ticket not in gone_to]


def rank(kind: AttentionKind, since_at: int | None, subject: str) -> tuple[int, int, str]:
    """What comes first among everything that needs a person."""
    return URGENCY.index(kind), since_at or 0, subject


def still_quiet(kind: AttentionKind, done_at: int, now: int, *, gone: bool) -> bool:
    """Whether a subject that was seen to at `done_at` is not to be told again yet. `gone`: its cause went away since."""
    if gone:
        return False
    return kind in SETTLED_FOR_GOOD or now - done_at < QUIET


# People ---------------------------------------------------------------------------------------------------------


def meeting(visits: Iterable[Apart]) -> dict[str, list[Apart]]:
    """By reference, the visits that are in the house together and must not be, in the order they came."""
    by_reference: dict[str, list[Apart]] = {}
    for visit in sorted(visits, key=lambda each: (each.arrived_at, each.visit)):
        here = by_reference.setdefault(visit.reference, [])
        if all(other.visit != visit.visit for other in here):
            here.append(visit)
    return {reference: here for reference, here in by_reference.items() if len(here) > 1}


def _kept_apart(visits: Iterable[Apart]) -> Iterator[Concern]:
    """The subject is made of who meets: one more visitor is another concern, however quiet the first was made."""
    for reference, here in meeting(visits).items():
        who = hashlib.sha256(",".join(sorted(each.visit for each in here)).encode()).hexdigest()[:32]
        codes = _listed([each.code for each in here])
        yield Concern(
            f"apart:{who}",
            AttentionKind.APART,
            f"{codes} must not meet ({reference}), and are here at the same time. Take one of them to another room.",
            here[-1].arrived_at,
            here[-1].ticket,
            here[-1].code,
        )


def _listed(codes: Sequence[str]) -> str:
    return f"{', '.join(codes[:-1])} and {codes[-1]}"


def _private(waiting: Iterable[Waiting]) -> Iterator[Concern]:
    for ticket in waiting:
        if ticket.private and ticket.device is not None:
            yield Concern(
                f"private:{ticket.id}",
                AttentionKind.PRIVATE,
                f"{ticket.code} asked to talk in private and waits near {ticket.device_name or 'a kiosk'}. Go to them.",
                ticket.arrived_at,
                ticket.id,
                ticket.code,
                ticket.device,
            )


def _missed(missed: Iterable[Missed], now: int) -> Iterator[Concern]:
    for each in missed:
        if now - each.ended_at < LOOK_FOR:
            yield Concern(
                f"no_show:{each.ticket}",
                AttentionKind.NO_SHOW,
                f"{each.code} was called and did not come. Look whether they are still here.",
                each.ended_at,
                each.ticket,
                each.code,
            )


def _booked(seen: Seen, now: int) -> Iterator[Concern]:
    for each, say in booked_waiting.broken(seen.booked, seen.seats, now, seen.zone):
        subject = f"booked:{each.ticket}"
        yield Concern(subject, AttentionKind.BOOKED_WAITING, say, each.due_at, each.ticket, each.code)


def _unprinted(jobs: Iterable[Print], now: int) -> Iterator[Concern]:
    """Only the last try of a ticket counts: sent again, it is on its way; out somewhere else, all is well."""
    last: dict[str, Print] = {}
    for job in sorted(jobs, key=lambda each: (each.at, each.job)):
        last[job.ticket] = job
    for job in last.values():
        done_at = job.done_at
        if done_at is not None and job.paper in _NOT_OUT and now - done_at < PRINT_FAILED:
            yield Concern(
                f"print:{job.job}",
                AttentionKind.PAPER,
                f"{job.code} may not have come out at {job.device_name or 'the kiosk'}. Print it elsewhere, or show the square on your screen.",
                done_at,
                job.ticket,
                job.code,
                job.device,
            )


def _long_waits(waiting: Iterable[Waiting], discreet_target: int, now: int) -> Iterator[Concern]:
    """Over the target, and again over twice the target; counted in whole minutes, as the pages show them."""
    late: dict[tuple[int, int], list[Waiting]] = {}
    for ticket in waiting:
        target = discreet_target if ticket.discreet else ticket.target_minutes
        times = _times_over(ticket, target, now)
        if not times:
            continue
        if ticket.discreet:
            yield _long_wait(ticket, discreet_target, times)
        else:
            late.setdefault((ticket.service, times), []).append(ticket)
    for (_, times), tickets in late.items():
        if len(tickets) > CROWD:
            yield _crowd(tickets, times)
        else:
            yield from (_long_wait(ticket, ticket.target_minutes, times) for ticket in tickets)


def _times_over(ticket: Waiting, target: int, now: int) -> int:
    """2 beyond twice the target, 1 beyond it, otherwise 0."""
    return next((times for times in (2, 1) if now >= _over_at(ticket, target, times)), 0)


def _over_at(ticket: Waiting, target: int, times: int) -> int:
    return ticket.arrived_at + (times * target + 1) * MINUTE


def _level(times: int) -> str:
    return ":2" if times == 2 else ""


def _long_wait(ticket: Waiting, target: int, times: int) -> Concern:
    about = "" if ticket.discreet else f" for {ticket.service_name}"
    return Concern(
        f"long_wait:{ticket.id}{_level(times)}",
        AttentionKind.LONG_WAIT,
        f"{ticket.code} has waited more than {times * target} minutes{about}. Tell them how long it may take.",
        _over_at(ticket, target, times),
        ticket.id,
        ticket.code,
    )


def _crowd(tickets: Sequence[Waiting], times: int) -> Concern:
    first = min(tickets, key=lambda each: (each.arrived_at, each.id))
    return Concern(
        f"long_wait:service:{first.service}{_level(times)}",
        AttentionKind.LONG_WAIT,
        f"{len(tickets)} people have waited more than {times * first.target_minutes} minutes for {first.service_name}, {first.code} the longest."
        " Ask for one more counter, and tell everyone.",
        _over_at(first, first.target_minutes, times),
        None,
        first.code,
    )


# Papers ---------------------------------------------------------------------------------------------------------


def _stuck(teams: Iterable[Stuck]) -> Iterator[Concern]:
    for each in teams:
        if say := stuck.says(each):
            yield Concern(f"hand_off:{each.team or 'none'}", AttentionKind.HAND_OFF, say, each.since_at)


def _unanswered(late: Unanswered | None) -> Iterator[Concern]:
    """Told once a day, and again when one more is late: it is seen to at a desk, not on the floor."""
    if late is not None:
        yield Concern(
            f"said:{late.on.isoformat()}:{late.number}", AttentionKind.ANSWER_DUE, unanswered.says(late)
        )


# Devices --------------------------------------------------------------------------------------------------------

_PAPER_TROUBLE = {
    PrinterState.LOW: "Paper is low. Put in a new roll soon.",
    PrinterState.OUT: "No paper. Put in a new roll.",
    PrinterState.COVER_OPEN: "The printer's cover is open. Close it.",
    PrinterState.MISSING: "The printer is not connected. Check its cable and power.",
    PrinterState.SILENT: "The printer does not answer. Look whether tickets come out.",
}
_PART_TROUBLE = {
    (
        "camera",
        PartState.MISSING,
    ): "Its camera cannot be found. Check the cable. Visitors can type their reference meanwhile.",
    (
        "camera",
        PartState.SILENT,
    ): "Its camera gives no picture. Pull its cable and put it back; if this stays, restart the kiosk.",
    ("camera", PartState.DARK): "Its camera sees nothing. Take away what covers it, or give it light.",
    (
        "scanner",
        PartState.MISSING,
    ): "Its scanner cannot be found. Check the cable. Visitors can type their reference meanwhile.",
    (
        "plate",
        PartState.MISSING,
    ): "Its page camera cannot be found, so nobody can hand in papers here. Check its cable and power.",
    (
        "plate",
        PartState.SILENT,
    ): "Its page camera gives no picture, so nobody can hand in papers here. Pull its cable and put it back; if this stays, restart the kiosk.",
    (
        "plate",
        PartState.DARK,
    ): "Its page camera sees nothing. Take away what covers it, and see that its lamp is on.",
    (
        "plate",
        PartState.STOPPED,
    ): "Its page scanner has stopped. Close its cover, and take out any sheet that is stuck.",
}
"""A scanner that acts as a keyboard is silent until it reads something: no trouble."""
PACKETS_LATE = 60 * MINUTE
_CANNOT_PRINT = {
    PrinterState.OUT: "has no paper. Put in a new roll",
    PrinterState.COVER_OPEN: "has its printer's cover open. Close it",
    PrinterState.MISSING: "has lost its printer. Check its cable and power",
    PrinterState.NONE: "has no printer. Connect one",
}
NOT_HEARD = "Not heard from. Check that it is switched on and connected."


def cannot_print(health: Mapping[str, Any]) -> str:
    """Why no paper can come out, as "the kiosk" goes on; empty when it can, or nothing is known."""
    if not health:
        return ""
    if health.get("out_of_order"):
        return "is out of order. See to it"
    return _CANNOT_PRINT.get(PrinterState(health.get("printer", PrinterState.NONE)), "")


def trouble_of(health: Mapping[str, Any], heard_at: int, now: int) -> str:
    """What is wrong with a device in one sentence that says what to do; empty when nothing is.

    `heard_at` is when it last said anything, or was approved: a device just paired gets its moment to start.
    """
    if now - heard_at > SILENT_AFTER:
        return NOT_HEARD
    troubles = [say for _, _, say in _troubles(health)]
    if troubles:
        return troubles[0]
    if health.get("set_aside"):
        return f"{health['set_aside']} tickets could not be handed over. See the requests."
    return ""


def _troubles(health: Mapping[str, Any]) -> Iterator[tuple[str, AttentionKind, str]]:
    """What a device that is heard says is wrong with it: (cause with a `%s` for the device, kind, sentence), the worst first."""
    if health.get("out_of_order"):
        yield "broken:%s", AttentionKind.OUT_OF_ORDER, f"Out of order: {health['out_of_order']}"
    printer = PrinterState(health.get("printer", PrinterState.NONE))
    if printer in _PAPER_TROUBLE:
        yield f"paper:%s:{printer.value}", AttentionKind.PAPER, _PAPER_TROUBLE[printer]
    off = int(health.get("clock_off_ms", 0))
    if abs(off) > CLOCK_OFF:
        way = "fast" if off > 0 else "slow"
        yield (
            "clock:%s",
            AttentionKind.OUT_OF_ORDER,
            f"Its clock is {span_of(abs(off))} {way}, so tickets show a wrong time. Have its time set, or switch it off and on.",
        )
    if not health.get("sound", True):
        yield (
            "sound:%s",
            AttentionKind.OUT_OF_ORDER,
            "Its sound is off, so nobody hears the calls. Press the button on its screen.",
        )
    for part in ("camera", "scanner", "plate"):
        state = PartState(health.get(part, PartState.NONE))
        if (part, state) in _PART_TROUBLE:
            yield f"{part}:%s:{state.value}", AttentionKind.OUT_OF_ORDER, _PART_TROUBLE[part, state]
    for each in machine_health.troubles(health.get("machine")):
        yield f"{each.cause}:%s", AttentionKind.OUT_OF_ORDER, each.say
    late = int(health.get("packets_age_ms", 0))
    if late * 1000 > PACKETS_LATE:
        yield (
            "packets:%s",
            AttentionKind.OUT_OF_ORDER,
            f"Papers or forms handed in here {span_of(late)} ago have not reached the server. They are safe on the kiosk, which goes on trying; have the"
            " network and the server's limit for uploads checked.",
        )


def span_of(milliseconds: int) -> str:
    """Roughly how long, in words."""
    minutes = milliseconds // 60_000
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}s"
    return f"{minutes} minutes"


SILENT_KINDS = frozenset({DeviceKind.DOOR_COUNTER, DeviceKind.PC})
"""A door counter speaks only when it has something to count; a PC is silent while somebody uses it."""


def _of_device(device: Device, now: int) -> Iterator[Concern]:
    name = device.name or device.kind
    if now - device.heard_at > SILENT_AFTER:
        if device.kind not in SILENT_KINDS:
            yield Concern(
                f"silent:device:{device.id}",
                AttentionKind.SILENT,
                f"{name}: {NOT_HEARD}",
                device.heard_at + SILENT_AFTER,
                device=device.id,
            )
        return
    for cause, kind, say in _troubles(device.health):
        yield Concern(cause % f"device:{device.id}", kind, f"{name}: {say}", device=device.id)
