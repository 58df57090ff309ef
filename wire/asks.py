"""What may be asked over a socket or a form, tagged by `do`.

Each class is one command with what the one asking must know; who may ask it stands in `server.domain.access`, what it does in
`server.actions`. The classes are in rooms by who asks; import them from here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wire.body import (
    MOST_COUNTED,
    NOTE_CHARACTERS,
    AgeMs,
    Body,
    Code,
    Hash,
    Id,
    Note,
    Reason,
    Reference,
    Slug,
    Subject,
    Wants,
    clean_text,
)
from wire.booking_asks import (
    AmendBooking,
    ArriveBooking,
    BlockTime,
    Book,
    CancelBooking,
    CheckIn,
    LookUpBooking,
    MarkBooking,
    MoveBooking,
    ServeBooking,
    UnblockTime,
)
from wire.counter_asks import (
    AddNote,
    Arrive,
    CallNext,
    CallTicket,
    Cancel,
    DoneAttention,
    EndBreak,
    Finish,
    GetUp,
    NoShow,
    Park,
    Recall,
    SitDown,
    TakeAttention,
    TakeBreak,
    Transfer,
    Undo,
    Unpark,
)
from wire.device_asks import (
    Finding,
    Health,
    Help,
    Issue,
    Leave,
    OpenOnPc,
    Paper,
    PcIs,
    Printed,
    Rate,
    SelfTest,
    SetAside,
    Use,
)
from wire.floor_asks import (
    AddNeed,
    Alarm,
    Amend,
    Announce,
    Count,
    DoneConcern,
    DoorHelp,
    EndAnnouncement,
    Evacuate,
    FreeCounter,
    GoOn,
    HandOver,
    KeepApart,
    MakeDiscreet,
    Merge,
    PrintTicket,
    Prioritise,
    Recount,
    Resume,
    SafeRoom,
    TakeConcern,
    Uncount,
    Welcome,
    Withdraw,
)
from wire.paper_asks import SeePaper, UnseePaper

__all__ = [
    "MOST_COUNTED",
    "NOTE_CHARACTERS",
    "AddNeed",
    "AddNote",
    "AgeMs",
    "Alarm",
    "Amend",
    "AmendBooking",
    "Announce",
    "AnyAsk",
    "Arrive",
    "ArriveBooking",
    "AskBody",
    "BlockTime",
    "Body",
    "Book",
    "CallNext",
    "CallTicket",
    "Cancel",
    "CancelBooking",
    "CheckIn",
    "Code",
    "Count",
    "DeviceAsk",
    "DoneAttention",
    "DoneConcern",
    "DoorHelp",
    "EndAnnouncement",
    "EndBreak",
    "Evacuate",
    "Finding",
    "Finish",
    "FreeCounter",
    "GetUp",
    "GoOn",
    "HandOver",
    "Hash",
    "Health",
    "Help",
    "Id",
    "Issue",
    "KeepApart",
    "Leave",
    "LookUpBooking",
    "MakeDiscreet",
    "MarkBooking",
    "Merge",
    "MoveBooking",
    "NoShow",
    "Note",
    "OpenOnPc",
    "Paper",
    "Park",
    "PcIs",
    "PhoneAsk",
    "PrintTicket",
    "Printed",
    "Prioritise",
    "Rate",
    "Reason",
    "Recall",
    "Recount",
    "Reference",
    "Resume",
    "SafeRoom",
    "SeePaper",
    "SelfTest",
    "ServeBooking",
    "SetAside",
    "SitDown",
    "Slug",
    "StaffAsk",
    "Subject",
    "TakeAttention",
    "TakeBreak",
    "TakeConcern",
    "Transfer",
    "UnblockTime",
    "Uncount",
    "Undo",
    "Unpark",
    "UnseePaper",
    "Use",
    "Wants",
    "Welcome",
    "Withdraw",
    "clean_text",
]

DeviceAsk = (
    Issue
    | Paper
    | Help
    | Health
    | SetAside
    | Printed
    | SelfTest
    | Use
    | Rate
    | CheckIn
    | LookUpBooking
    | OpenOnPc
    | PcIs
)
PhoneAsk = Leave
StaffAsk = (
    SitDown
    | GetUp
    | TakeBreak
    | EndBreak
    | CallNext
    | CallTicket
    | Recall
    | Arrive
    | NoShow
    | Park
    | Unpark
    | Transfer
    | Finish
    | Cancel
    | Undo
    | AddNote
    | AddNeed
    | GoOn
    | Amend
    | Prioritise
    | Merge
    | Withdraw
    | HandOver
    | FreeCounter
    | TakeAttention
    | DoneAttention
    | Welcome
    | PrintTicket
    | MakeDiscreet
    | KeepApart
    | SafeRoom
    | Alarm
    | TakeConcern
    | DoneConcern
    | Announce
    | EndAnnouncement
    | Evacuate
    | Resume
    | Count
    | DoorHelp
    | Uncount
    | Recount
    | ArriveBooking
    | ServeBooking
    | MarkBooking
    | Book
    | AmendBooking
    | MoveBooking
    | CancelBooking
    | BlockTime
    | UnblockTime
    | SeePaper
    | UnseePaper
)
AnyAsk = DeviceAsk | PhoneAsk | StaffAsk
AskBody = Annotated[AnyAsk, Field(discriminator="do")]
