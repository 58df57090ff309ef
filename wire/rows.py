"""What each audience may be shown. Privacy is decided here: a row has no field its audience must not see.

Rows are plain JSON objects with a `kind`; a key names what the row is about (`call:<ticket id>`). Times ending `_at` are
milliseconds since 1970 in UTC; `waits` are whole minutes as a range, None when no honest range can be given (`why` then
says so in a word of the catalogue). Names in visitors' languages are maps from language code to text; English is always there.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Words = dict[str, str]


class Waits(TypedDict):
    """`low` and `high` minutes, or both None and `why`: 'no_desk' nobody serves it now, 'unknown' we cannot say."""

    low: int | None
    high: int | None
    why: NotRequired[Literal["no_desk", "unknown", "closed"]]


class CentreRow(TypedDict):
    """Key `centre`; for every audience. `on` is the centre's date (ISO), `closes` and `opens` local times."""

    kind: Literal["centre"]
    name: str
    slug: str
    timezone: str
    languages: list[str]
    on: str
    open: bool
    closes: str | None
    closes_at: int | None
    opens_at: int | None
    """The next opening when closed; None when none is known in the next 60 days."""
    closed_reason: Words | None
    wait_here: Words
    public_url: str
    """Where the phone page is reached; the QR is `<public_url>/t/<secret>`."""
    evacuated_at: NotRequired[int | None]
    """Since when everyone must leave the building; None or missing when all is well."""


# Lobby ---------------------------------------------------------------------------------------------------------


class CallRow(TypedDict):
    """Key `call:<ticket>`; lobby. Never for a discreet visit. `times` rises with each recall: a new sound each."""

    kind: Literal["call"]
    ticket: str
    code: str
    where: str
    where_key: str
    language: str
    called_at: int
    first_called_at: int
    times: int
    live: bool
    """Still awaited at the counter; otherwise a recent call kept for those who looked away."""


class LineRow(TypedDict):
    """Key `line:<service>`; lobby and kiosk (within ServiceRow). Discreet services have none."""

    kind: Literal["line"]
    service: str
    names: Words
    order: int
    open: bool
    waiting: int
    waits: Waits


class MessageRow(TypedDict):
    """Key `message:<id>`; lobby, phone."""

    kind: Literal["message"]
    order: int
    text: Words


class AnnouncementRow(TypedDict):
    """Key `announcement:<id>`; lobby, phone, kiosk. Told to everyone until `until_at`; each is spoken once."""

    kind: Literal["announcement"]
    id: str
    text: Words
    at: int
    until_at: int | None


class DisplayRow(TypedDict):
    """Key `display:<id>`; lobby. How one lobby display is laid out; each finds its own. Empty lists mean all."""

    kind: Literal["display"]
    id: str
    name: str
    shows: list[str]
    """Of `calls`, `waits`, `messages`, in the order of their weight."""
    counters: list[str]
    """`where_key`s whose calls it shows."""
    services: list[str]
    """Services whose waits it shows."""


# Kiosk ---------------------------------------------------------------------------------------------------------


class ChoiceRow(TypedDict):
    """Key `choice:<id>`; a first choice. One with a single service needs no second level."""

    kind: Literal["choice"]
    id: str
    names: Words
    icon: str
    order: int
    services: list[str]


class ServiceRow(TypedDict):
    """Key `service:<id>`. `hours_today` are pairs of local times; `opens_at` when it next opens if not open now."""

    kind: Literal["service"]
    id: str
    names: Words
    help: Words
    icon: str
    order: int
    choice: str
    open: bool
    hours_today: list[tuple[str, str]]
    opens_at: int | None
    closes_at: int | None
    waits: Waits
    synonyms: NotRequired[list[str]]
    """Other words for it, for searching."""


class PrivateRow(TypedDict):
    """Key `private`; the service a wish to talk in private goes to. Waits as any other's."""

    kind: Literal["private"]
    service: str
    open: bool
    waits: Waits


class BookingRow(TypedDict):
    """Key `booking`; kiosk. There while the centre takes appointments.

    References are hashed as `references.arrival_hash(reference, arrival_salt(<slug of the centre row>, on))`. Whoever chooses the service
    `entry` ("I have an appointment") is asked for their code first; where there is none, a kiosk shows a choice of its own. A visitor whose
    reference nobody finds stands in the line of the service `otherwise`; the two may be the same.
    """

    kind: Literal["booking"]
    on: str
    """The local date (ISO) whose appointments are the `expected` rows."""
    entry: str
    """Among the `service` rows, or empty."""
    otherwise: str


class ExpectedRow(TypedDict):
    """Key `expected:<hash>`; kiosk. One appointment of today here whose visitor has not arrived; the whole day long, so that somebody who
    comes long after their time is still known while the line is down. Gone when they have arrived, or it is cancelled or moved away.

    Who looks at every row of a day learns at what times somebody comes, and neither who nor for what: the kiosk says "your appointment" to
    everybody, since a service named for some would tell of those for whom it is not. `hash` takes the reference to make. A late one who
    rang has a later `kept_until_at`.
    """

    kind: Literal["expected"]
    hash: str
    """32 hex digits."""
    starts_at: int
    from_at: int
    """One may check in from here on; before it they are told when to come back."""
    kept_until_at: int
    """Until then the place is kept; afterwards they are put in fairly as a walk-in."""
    where: str
    """Where to wait, if it is not where everyone waits ("First floor"); in English, as a counter's name is. Empty as a rule, and always
    where it would tell what a discreet one is about."""


class LookedUp(TypedDict):
    """What `LookUpBooking` is answered with: what to tell whoever holds the reference, about nobody else.

    `today`: theirs, here, not arrived yet; the kiosk goes on as with its `expected` row. `arrived`: checked in already, as `code`.
    `other_day`, `other_centre`: at `starts_at`, at `centre` (its name). `cancelled`. `unknown`: no such reference, or one that is too old
    to be told of.
    """

    found: Literal["today", "arrived", "other_day", "other_centre", "cancelled", "unknown"]
    starts_at: NotRequired[int]
    from_at: NotRequired[int]
    kept_until_at: NotRequired[int]
    where: NotRequired[str]
    timezone: NotRequired[str]
    """Of the other centre."""
    centre: NotRequired[str]
    code: NotRequired[str]
    moved: NotRequired[bool]
    """It was at another time when it was made."""


class HandInRow(TypedDict):
    """Key `hand_in`; kiosk. How papers and forms reach the house: sealed to `recipients` (age public keys, `age1...`), all of them."""

    kind: Literal["hand_in"]
    recipients: list[str]


class PurposeRow(TypedDict):
    """Key `purpose:<slug>`; kiosk. What papers can be handed in for."""

    kind: Literal["purpose"]
    id: str
    names: Words
    icon: str
    order: int
    asks: Words
    """What the reference is called that one may have ("Council tax account number"); empty: none is asked for."""
    ready: Words
    """Which papers are wanted as a rule; may be empty."""
    keep_days: int
    """How long the pictures are kept after the team has them."""
    whom: Words
    """Whom to ask about it afterwards, and how."""
    service: str
    """Whose line "I need a person" goes to; empty: the greeter comes."""


class FormRow(TypedDict):
    """Key `form:<slug>`; kiosk. A form that can be filled in here: `GET /api/forms/<slug>/<version>` (a device's token) is its text, which
    hashes (SHA-256) to `digest`."""

    kind: Literal["form"]
    id: str
    names: Words
    help: Words
    icon: str
    order: int
    version: int
    digest: str
    minutes: int
    service: str
    synonyms: list[str]
    promised: NotRequired[list[int]]
    """Of the form that is answered: working days until it is acknowledged, and from then until it is answered. Its paper says so."""


class PortalRow(TypedDict):
    """Key `portal:<slug>`; kiosk. A need that can be met on a page of the council's, or another's."""

    kind: Literal["portal"]
    id: str
    names: Words
    url: str
    ready: Words
    """What one needs to have at hand."""
    icon: str
    order: int
    service: str
    """Whom "that did not work" leads to."""
    synonyms: list[str]


class PcRow(TypedDict):
    """Key `pc:<device>`; kiosk. A self-service PC that can be told to open a page."""

    kind: Literal["pc"]
    id: str
    name: str
    free: bool


class OpensRow(TypedDict):
    """Key `opens`; one self-service PC's own: the page that somebody chose for it at a kiosk, by its `portal` row."""

    kind: Literal["opens"]
    portal: str
    name: str
    """What the PC is called."""


class DeviceRow(TypedDict):
    """Key `device:<id>`; each kiosk finds its own. `last_number` is the highest its letter has given on `on`, as the server knows."""

    kind: Literal["device"]
    id: str
    name: str
    letter: str
    on: str
    last_number: int
    help: Literal["none", "asked", "coming"]
    locked: NotRequired[str]
    """A sentence in English while staff have locked the device; missing or empty when they have not."""
    test_job: NotRequired[str]
    """A self-test somebody asked for; the device answers with this id, once."""
    exit: NotRequired[bool]
    """It stands at the exit and asks how the visit was, and gives no tickets; missing or False when it does not. What is written is sealed to the
    `recipients` of the `hand_in` row; while there are none, nobody is asked to write."""


class PrintRow(TypedDict):
    """Key `print:<job>`; kiosk. A ticket that staff want printed by device `device`; gone when it has said what became of it.

    `what` "test" is a test print: the other fields are then empty. No need of a discreet visit stands here.
    """

    kind: Literal["print"]
    job: str
    device: str
    what: Literal["ticket", "test"]
    code: str
    language: str
    service_names: Words | None
    arrived_at: int | None
    copy: NotRequired[bool]
    """The visit has had a paper before, so this one says that it is a copy."""


class LifeRow(TypedDict):
    """Key `life`; kiosk. Which life of the house this is (docs/backups.md). A kiosk that was told another `id` before hands in again, under the same
    ids, everything it handed over since `known_until`: the house was restored from a backup of that moment.

    `keeping` (64 hex digits) is what it seals such entries with on its disk until then. It is for the kiosk's memory only.
    """

    kind: Literal["life"]
    id: str
    known_until: int | None
    """None: nothing was known before this life began."""
    keeping: str


class MovingRow(TypedDict):
    """Key `moving`; kiosk, while the server moves (docs/appliance.md). It tries that address with its own token and stays there if it is known."""

    kind: Literal["moving"]
    server: str


# Sign over one counter ------------------------------------------------------------------------------------------


class SignRow(TypedDict):
    """Key `sign`. A discreet visit shows as busy, without a code."""

    kind: Literal["sign"]
    counter: str
    name: str
    state: Literal["closed", "break", "free", "calling", "busy"]
    code: str | None
    called_at: int | None
    times: int


# Phone ---------------------------------------------------------------------------------------------------------


class PlaceRow(TypedDict):
    """Key `place`; one visitor's own. `staff_will_come` stands for the counter's name on a discreet visit."""

    kind: Literal["place"]
    code: str
    state: str
    language: str
    service_names: Words | None
    ahead: int | None
    waits: Waits
    where: str | None
    staff_will_come: bool
    called_at: int | None
    times: int
    booked_at: NotRequired[int]
    """The time of their appointment, whose place is kept."""


# Staff: a doorbell; the page fetches what changed, through its own access check ------------------------------------


class BellRow(TypedDict):
    """Keys `floor`, `attention`: `mark` changes whenever that part of the page would."""

    kind: Literal["bell"]
    mark: str
