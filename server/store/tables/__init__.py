"""Every table. Import from here, so that metadata is complete wherever it is used."""

from server.store.tables.booking import Block, Bookable, Booking, BookingTry, Draft, Rota, Wish
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
from server.store.tables.forms import Address, AddressList, Carried, Form, FormVersion
from server.store.tables.keeping import Announcement, Attention, Audit, Change, Command, HouseKey
from server.store.tables.papers import Document, HandOff, Piece, SelfServiceUse, Sighting, Submission
from server.store.tables.staff import BrowserSession, LoginTry, Staff, StaffRole, StaffSkill
from server.store.tables.telling import ApiKey, CalendarFeed, HeardText, Hook, HookCall, Post, TextWish
from server.store.tables.visit import Note, Pause, Seat, Step, Ticket, Visit

__all__ = [
    "Address",
    "AddressList",
    "Announcement",
    "ApiKey",
    "Attention",
    "Audit",
    "Block",
    "Bookable",
    "Booking",
    "BookingTry",
    "BrowserSession",
    "CalendarFeed",
    "Carried",
    "Centre",
    "Change",
    "Choice",
    "Closure",
    "Command",
    "Counter",
    "Device",
    "DeviceEvent",
    "Document",
    "DoorCount",
    "Draft",
    "Enrolment",
    "Form",
    "FormVersion",
    "HandOff",
    "HeardText",
    "Hook",
    "HookCall",
    "HouseKey",
    "LoginTry",
    "Message",
    "Note",
    "Opening",
    "PastCount",
    "PastImport",
    "Pause",
    "Piece",
    "Post",
    "PrintJob",
    "Rota",
    "Seat",
    "SelfServiceUse",
    "Service",
    "Sighting",
    "SpecialHours",
    "Staff",
    "StaffRole",
    "StaffSkill",
    "Step",
    "Submission",
    "Tally",
    "TextWish",
    "Ticket",
    "Visit",
    "Wish",
]
