"""The frames of one conversation, tagged by `type`.

A client opens with Hello. If its cursor is one the server can carry on from, the missed Deltas follow; otherwise a Snapshot.
From then on a Delta for every change and a Beat every `BEAT_SECONDS`. Ask and Answer are paired by the ask's id, which
is also the command's id: asking again with the same id and the same body gets the first answer, however late.
Bye says why the server hangs up and how long to stay away.

A position is (epoch, seq): the epoch is random for each life of a feed, seq counts its deltas without holes (Centrifugo's rule:
recovery is whole or not at all). Text is UTF-8 JSON, one frame a message, at most `MAX_MESSAGE_BYTES`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from wire.asks import AskBody
from wire.vocabulary import RefusalCode

BEAT_SECONDS = 5.0
MAX_MESSAGE_BYTES = 64 * 1024
MACHINE_HEADER = "X-Foyer-Machine"
"""With the handshake of a device that is no browser: a hash that names the machine it runs on (64 hexadecimal digits)."""
ASK_ID_PATTERN = r"^[0-9a-f]{32}$"


def device_headers(token: str, machine: str) -> dict[str, str]:
    """What a device shows at the door, whatever it asks."""
    shown = {"Authorization": f"Bearer {token}"}
    return {**shown, MACHINE_HEADER: machine} if machine else shown


Row = dict[str, Any]
AskId = Annotated[str, StringConstraints(pattern=ASK_ID_PATTERN)]


class Frame(BaseModel):
    """What the server says may grow fields that older devices pass over; what a client says may not (see Hello and Ask)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def encode(self) -> str:
        return self.model_dump_json(exclude_none=True)


class Cursor(Frame):
    epoch: str = Field(max_length=32)
    seq: int = Field(ge=0)


class Hello(Frame):
    """First frame of a client. `app` is its version, for the staff's device list."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Literal["hello"] = "hello"
    protocol: int
    cursor: Cursor | None = None
    app: str = Field(default="", max_length=40)


class Ask(Frame):
    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Literal["ask"] = "ask"
    id: AskId
    body: AskBody


class Snapshot(Frame):
    """The whole view. `now` is the server's clock in milliseconds since 1970, so a device can tell how wrong its own is."""

    type: Literal["snapshot"] = "snapshot"
    cursor: Cursor
    now: int
    rows: dict[str, Row]


class Delta(Frame):
    """One change: rows put (new or replaced whole) and keys dropped. Its `seq` is one more than the position before it."""

    type: Literal["delta"] = "delta"
    seq: int
    put: dict[str, Row] = {}
    drop: list[str] = []


class Beat(Frame):
    """Nothing new: the position the client should be at. Sent right after a resume, then every `BEAT_SECONDS`."""

    type: Literal["beat"] = "beat"
    cursor: Cursor
    now: int


class Refusal(Frame):
    """A no with its reason: `code` for programs, `say` a sentence for a person."""

    code: RefusalCode
    say: str


class Answer(Frame):
    """Exactly one of `result` and `refusal` is set."""

    type: Literal["answer"] = "answer"
    id: str
    result: Row | None = None
    refusal: Refusal | None = None


class Bye(Frame):
    type: Literal["bye"] = "bye"
    code: Literal[
        "revoked",
        "protocol",
        "malformed",
        "slow",
        "restarting",
        "too_large",
        "signed_out",
        "ended",
        "fault",
        "copied",
    ]
    say: str
    retry_seconds: float | None = None
    """How long to stay away; None means do not come back by yourself (a person must act)."""


ClientFrame = Annotated[Hello | Ask, Field(discriminator="type")]
ServerFrame = Annotated[Snapshot | Delta | Beat | Answer | Bye, Field(discriminator="type")]

_client = TypeAdapter[Hello | Ask](ClientFrame)
_server = TypeAdapter[Snapshot | Delta | Beat | Answer | Bye](ServerFrame)


class Malformed(ValueError):
    """A message that is not a frame. `str()` of it names the place, never the content."""


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    unknown_name, unknown_type = first["type"] == "extra_forbidden", first["type"] == "union_tag_invalid"
    # The name of a field nobody knows, and the type that is none, are the message's own words.
    place = ".".join(str(part) for part in (first["loc"][:-1] if unknown_name else first["loc"])) or "message"
    return f"{place}: {'it is of no type that is known' if unknown_type else first['msg']}"


def read_client_frame(message: str | bytes) -> Hello | Ask:
    """Parse what a client sent; raises Malformed."""
    try:
        return _client.validate_json(message)
    except ValidationError as error:
        raise Malformed(_explain(error)) from None


def read_server_frame(message: str | bytes) -> Snapshot | Delta | Beat | Answer | Bye:
    """Parse what the server sent; raises Malformed."""
    try:
        return _server.validate_json(message)
    except ValidationError as error:
        raise Malformed(_explain(error)) from None
