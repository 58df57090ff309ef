"""The words for what visitors say of the centre and what becomes of it, and for reports that take long. Part of the vocabulary (`wire.vocabulary` names them all)."""

from __future__ import annotations

from enum import StrEnum


class FeedbackWay(StrEnum):
    """How a visitor came to say how the visit was."""

    EXIT = "exit"
    """At a kiosk or tablet by the door."""
    PHONE = "phone"
    """On the page of their own ticket, when the visit was over."""
    PAPER = "paper"
    """By a square on paper or on a poster."""


class FeedbackReason(StrEnum):
    """What a visitor's answer is about, whether it is praise or blame: the same short list for both."""

    WAIT = "wait"
    STAFF = "staff"
    ANSWER = "answer"
    """Whether they got what they came for."""
    CLEAR = "clear"
    """Whether it was easy to understand."""
    LANGUAGE = "language"
    PRIVACY = "privacy"
    PLACE = "place"
    """The building, seats, noise, the way around."""
    OTHER = "other"


class SaidKind(StrEnum):
    """What somebody told the council of its work, to be passed on and answered."""

    COMPLAINT = "complaint"
    COMPLIMENT = "compliment"
    SUGGESTION = "suggestion"


class SaidState(StrEnum):
    """How far the council is with it. A compliment is over when it was passed on."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    PASSED_ON = "passed_on"
    WITHDRAWN = "withdrawn"


class ReportState(StrEnum):
    """How far a report that takes long is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
