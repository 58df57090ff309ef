"""What the stored words of figures are called in plain English: the same on pages, in files and in reports. Pure."""

from __future__ import annotations

from wire.vocabulary import Activity, Avoidable, BreakReason, Channel, Language, Need, Outcome

LANGUAGES = {
    Language.EN: "English",
    Language.GU: "Gujarati",
    Language.PA: "Panjabi",
    Language.UR: "Urdu",
    Language.AR: "Arabic",
    Language.PL: "Polish",
}
NEEDS = {
    Need.STEP_FREE: "Needs a way without steps",
    Need.HEARING_LOOP: "Uses a hearing loop",
    Need.SIGN_LANGUAGE: "Uses British Sign Language",
    Need.INTERPRETER: "Needs an interpreter",
    Need.READING_HELP: "Wants help with reading",
    Need.CHILD: "Has children with them",
    Need.GUIDE_DOG: "Has a guide dog",
}
OUTCOMES = {
    Outcome.RESOLVED: "Resolved today",
    Outcome.REFERRED: "Referred",
    Outcome.APPOINTMENT_MADE: "Appointment made",
    Outcome.NEEDS_DOCUMENTS: "Needs documents",
    Outcome.NOT_OURS: "Not ours",
    Outcome.LEFT: "Left",
}
AVOIDABLE = {
    Avoidable.CHASING: "Chasing an answer",
    Avoidable.UNCLEAR_LETTER: "Letter was unclear",
    Avoidable.NOT_OUR_SERVICE: "Not our service",
    Avoidable.COULD_BE_ONLINE: "Could be done online",
    Avoidable.OUR_MISTAKE: "Our mistake",
}
BREAKS = {
    BreakReason.BREAK: "Short break",
    BreakReason.LUNCH: "Lunch",
    BreakReason.TRAINING: "Training",
    BreakReason.BACK_OFFICE: "Back office",
    BreakReason.HELPING: "Helping on the floor",
}
ACTIVITIES = {
    Activity.ADVICE: "Advice",
    Activity.SUPPORT: "Support",
    Activity.APPOINTMENT: "Appointment",
    Activity.SCAN_STATION: "Scan station",
    Activity.FORMS: "Forms",
    Activity.TELEPHONE: "Telephone",
    Activity.SELF_SERVICE_PC: "Self-service PC",
    Activity.PAYMENT_KIOSK: "Payment kiosk",
    Activity.DOOR_HELP: "Helped at the door",
}
CHANNELS = {
    Channel.KIOSK: "At a kiosk",
    Channel.GREETER: "With the greeter",
    Channel.WEB: "Online",
    Channel.PAPER: "On an emergency paper ticket",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SOUGHT = {
    Activity.ADVICE: "for advice",
    Activity.SUPPORT: "for support",
    Activity.APPOINTMENT: "for an appointment",
    Activity.SCAN_STATION: "for the scan station",
    Activity.FORMS: "for forms",
    Activity.TELEPHONE: "for the telephone",
    Activity.SELF_SERVICE_PC: "for a self-service PC",
    Activity.PAYMENT_KIOSK: "for the payment kiosk",
    Activity.DOOR_HELP: "for help at the door",
}
"""As a sentence goes on: "a third for the scan station"."""
