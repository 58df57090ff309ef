"""What can be asked for, what can happen, and what is wanted done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.flow.marks import FindAct, FindEffect, FindEvent
from wire.vocabulary import Language, UseEnd, UseKind

# What a finger can ask for ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begin(FindAct):
    """From the first choices."""


@dataclass(frozen=True)
class Search(FindAct):
    """To the keyboard."""


@dataclass(frozen=True)
class Type(FindAct):
    sign: str
    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class Delete(FindAct):
    """The last sign."""

    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class ShowFound(FindAct):
    """All that was found, where there is no room for it beside the keys."""


@dataclass(frozen=True)
class ShowKeys(FindAct):
    """Back to typing from there."""


@dataclass(frozen=True)
class Open(FindAct):
    """One of the things that are there: takes a ticket, begins a scan or a form, or shows a page elsewhere."""

    kind: str
    id: str


@dataclass(frozen=True)
class OnPhone(FindAct):
    """I have it on my phone."""


@dataclass(frozen=True)
class OnPc(FindAct):
    pc: str


@dataclass(frozen=True)
class DidNotWork(FindAct):
    """I have tried it and it did not work: I need a person."""


# What happens -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SentToPc(FindEvent):
    """Answers `OpenOnPc`, by its `order`. Not `done`: it is in use by now, or nobody could be told."""

    order: int
    done: bool


# What is wanted done ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenOnPc(FindEffect):
    order: int
    pc: str
    portal: str


@dataclass(frozen=True)
class TellUse(FindEffect):
    """Nothing of it says who, nor what was searched for."""

    kind: UseKind
    slug: str
    language: Language
    ended: UseEnd
    step: str
    seconds: int
