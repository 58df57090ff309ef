"""Every table. Import from here, so that metadata is complete wherever it is used."""

from server.store.tables.centre import (
    Centre,
    Choice,
    Closure,
    Counter,
    Message,
    Opening,
    Service,
    SpecialHours,
)
from server.store.tables.device import Device, Enrolment
from server.store.tables.keeping import Attention, Audit, Command
from server.store.tables.staff import BrowserSession, LoginTry, Staff, StaffRole
from server.store.tables.visit import Note, Pause, Seat, Step, Ticket, Visit

__all__ = [
    "Attention",
    "Audit",
    "BrowserSession",
    "Centre",
    "Choice",
    "Closure",
    "Command",
    "Counter",
    "Device",
    "Enrolment",
    "LoginTry",
    "Message",
    "Note",
    "Opening",
    "Pause",
    "Seat",
    "Service",
    "SpecialHours",
    "Staff",
    "StaffRole",
    "Step",
    "Ticket",
    "Visit",
]
