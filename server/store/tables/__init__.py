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
from server.store.tables.counts import DoorCount, PastCount, PastImport, Tally
from server.store.tables.device import Device, DeviceEvent, Enrolment, PrintJob
from server.store.tables.keeping import Announcement, Attention, Audit, Change, Command
from server.store.tables.staff import BrowserSession, LoginTry, Staff, StaffRole, StaffSkill
from server.store.tables.visit import Note, Pause, Seat, Step, Ticket, Visit

__all__ = [
    "Announcement",
    "Attention",
    "Audit",
    "BrowserSession",
    "Centre",
    "Change",
    "Choice",
    "Closure",
    "Command",
    "Counter",
    "Device",
    "DeviceEvent",
    "DoorCount",
    "Enrolment",
    "LoginTry",
    "Message",
    "Note",
    "Opening",
    "PastCount",
    "PastImport",
    "Pause",
    "PrintJob",
    "Seat",
    "Service",
    "SpecialHours",
    "Staff",
    "StaffRole",
    "StaffSkill",
    "Step",
    "Tally",
    "Ticket",
    "Visit",
]
