"""Where staff can go: the bar on top of every page, the second bar of the administration, the tiles of the start page.

One list, so that a page is never in one of them and missing in another. Who sees which follows from the page's own rule; a page that has no
rule yet is not shown. The administration's pages share one entry in the bar, or it would not fit a phone; they are gathered into rooms, or
the last of them would stand beyond the edge of the screen.
"""

from __future__ import annotations

from typing import NamedTuple

from server.domain.access import ROUTES, Actor


class Place(NamedTuple):
    where: str
    label: str
    hint: str


WORK = (
    Place("/counter", "Counter", "Call, serve and pass on visitors"),
    Place("/greeter", "Greeter", "Welcome, count and help visitors at the door"),
    Place("/appointments", "Appointments", "Who comes when, to whom and where; book, move, find"),
    Place("/floor", "Floor", "Who waits, who serves, and what needs somebody"),
    Place("/papers", "Papers", "What visitors handed in: see, sort, pass on"),
    Place("/counts", "Counts", "Who came for what today, and earlier figures"),
    Place("/figures", "Figures", "Footfall, waits, reasons, satisfaction and staffing, over any time"),
    Place("/figures/persons", "Persons", "The figures of one person at a time; each look is logged"),
)
FIGURES = (
    Place("/figures", "Overview", "The figures that matter, at a glance"),
    Place("/figures/now", "Now", "The floor in figures, and today beside a usual day"),
    Place("/figures/footfall", "Footfall", "How many came, for what, and when"),
    Place("/figures/waits", "Waits and service", "How long people waited and were served"),
    Place("/figures/why", "Why people came", "Outcomes, what could be avoided, who came again"),
    Place("/figures/satisfaction", "Satisfaction", "What visitors say, complaints and compliments"),
    Place("/said", "Complaints", "What is to be acknowledged, answered or passed on, and by when"),
    Place("/figures/estimates", "Our estimates", "How well waits were told"),
    Place("/figures/staffing", "Staffing", "Who is expected, and how many desks that needs"),
    Place("/figures/persons", "Persons", "The figures of one person at a time; each look is logged"),
    Place("/figures/centres", "Centres", "Your centres side by side"),
    Place("/figures/reports", "Take away", "Files, printed reports and reports by e-mail"),
)
"""The tabs of the figures, in their order."""


class Room(NamedTuple):
    """Pages of the administration that belong together: one entry in its bar, with a bar of its own below."""

    label: str
    places: tuple[Place, ...]


ROOMS = (
    Room(
        "Centre",
        (
            Place("/setup", "Set-up", "Services, hours, counters, messages and the first screen"),
            Place("/admin/forms", "Forms", "Write, check and publish what visitors fill in by themselves"),
            Place("/admin/addresses", "Addresses", "The list that visitors pick their address from"),
            Place(
                "/admin/emergency",
                "Emergency pack",
                "Paper tickets and tally sheets for when everything is down",
            ),
            Place("/admin/centres", "Centres", "Export, import or copy a whole centre"),
        ),
    ),
    Room(
        "People",
        (
            Place("/admin/staff", "Staff", "Accounts, roles, skills and one-time passwords"),
            Place("/appointments/people", "People and rooms", "Whose time can be booked, and when"),
            Place(
                "/admin/sign-on", "Sign-on", "What the council's sign-on gives here, and emergency accounts"
            ),
        ),
    ),
    Room(
        "Devices",
        (
            Place("/admin/devices", "Devices", "Pair kiosks and displays, see how they are"),
            Place("/admin/releases", "Releases", "Bring kiosks and displays to a new release, step by step"),
        ),
    ),
    Room(
        "Connections",
        (
            Place("/admin/messages", "Messages", "What visitors were written, and what did not get through"),
            Place("/admin/connections", "Connections", "Calendars, webhooks and other programs"),
        ),
    ),
    Room(
        "House",
        (
            Place(
                "/admin/house",
                "The house",
                "What is wrong with servers, disks, lines and backups, and what to do",
            ),
            Place(
                "/admin/secrets",
                "Secrets",
                "Keys and passwords Foyer lives by: how old, and how to renew them",
            ),
            Place(
                "/admin/keeping", "Keeping", "How long what is known of people is kept, and what was erased"
            ),
            Place("/admin/audit", "Audit", "Who did what, when and from where"),
        ),
    ),
)
"""The administration, in the order of its bar: what is seen to most often stands first."""
FEW = 6
"""So many pages fit one bar: whoever may go to no more has no rooms."""


def work_of(actor: Actor) -> list[Place]:
    """A place within one they may go to has no entry of its own: it is among that one's tabs."""
    allowed = [place for place in WORK if _may(actor, place)]
    return [
        place
        for place in allowed
        if not any(is_within(place.where, each) for each in allowed if each != place)
    ]


def administration_of(actor: Actor) -> list[Place]:
    return [place for room in ROOMS for place in room.places if _may(actor, place)]


def rooms_of(actor: Actor) -> list[Room]:
    """Without those they may not enter. None when all they may go to fits one bar."""
    if len(administration_of(actor)) <= FEW:
        return []
    open_to = [
        Room(room.label, tuple(place for place in room.places if _may(actor, place))) for room in ROOMS
    ]
    return [room for room in open_to if room.places]


def tabs_of(actor: Actor, path: str) -> list[Place]:
    """The page at `path` and those beside it; none outside the administration."""
    every = administration_of(actor)
    beside = next((list(room.places) for room in rooms_of(actor) if is_inside(path, room)), every)
    return beside if any(is_within(path, place) for place in every) else []


def is_inside(path: str, room: Room) -> bool:
    return any(is_within(path, place) for place in room.places)


def figures_of(actor: Actor) -> list[Place]:
    return [place for place in FIGURES if _may(actor, place)]


def is_within(path: str, place: Place) -> bool:
    """Whether `path` is this place's page or one below it."""
    return path == place.where or path.startswith(place.where + "/")


def is_current(path: str, place: Place) -> bool:
    """Whether the bar's entry `place` leads to where `path` is: tabs of the figures need not stand below them."""
    return is_within(path, place) or (
        place.where == FIGURES[0].where and any(is_within(path, tab) for tab in FIGURES)
    )


def _may(actor: Actor, place: Place) -> bool:
    rule = ROUTES.get(("GET", place.where))
    return rule is not None and rule.lets_in(actor)
