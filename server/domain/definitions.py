"""What each figure means: what is counted, from when to when, and what is left out. Pure.

The one glossary. A figure names its entry (`Figure.definition`), every page shows it one click away, `/figures/definitions` shows all of them, and reports
print those they use. It is written for the councillor who asks "what is a visit?", in the words that the pages use; where it says a rule, that rule
is code, and `docs/figures.md` says where.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """`times` says from when to when it is counted or measured; `leaves_out` what is not in it. All are whole sentences."""

    slug: str
    name: str
    counts: str
    times: str
    leaves_out: str


_FOOTFALL = (
    Definition(
        "activities",
        "Activities",
        "What people did in the centre: advice, support, an appointment, the scan station, forms, the telephone, a self-service PC, the payment kiosk, help at the door. A ticket is one"
        " activity; so is a tap of a greeter, a line of a tally sheet, and one person in an imported figure. One visitor who does two things is counted for both.",
        "On the local day on which the visitor arrived, from midnight to midnight; a visit that goes on past midnight belongs to the day it began. A tap is counted on the day of the tap.",
        "Tickets entered by mistake or merged into another, tickets passed on before anybody served them (what they were changed to counts), and taps that were taken back.",
    ),
    Definition(
        "visits",
        "Visits",
        "One stay of one person or household in the centre, with at least one ticket. Several tickets of one stay are one visit.",
        "On the local day, and by the half hour, in which the visit began.",
        "What was counted by taps, on tally sheets or in imported figures: those are activities, and nobody knows which of them were one visit.",
    ),
    Definition(
        "visitors",
        "People",
        "Everybody who came along on a visit with a ticket, as far as it was told how many there were; otherwise one.",
        "On the local day on which the visit began.",
        "Who was only counted by a tap.",
    ),
    Definition(
        "services",
        "Needs by service",
        "What visitors came for, by the service their ticket was for. A visit with two needs counts at both services. A service that was renamed has its present name; one that continues"
        " another is counted together with it.",
        "On the local day on which the visit began.",
        "No private need is named: those, and services with fewer than five, are counted together as Other. Taps name no service.",
    ),
    Definition(
        "hours",
        "By half hour",
        "How many visits began, and how many taps were made, in each half hour of the day.",
        "By the clock on the wall at the centre. On the day the clock goes forward one hour has no half hours; on the day it goes back two hours share theirs.",
        "Tally sheets and imported figures: nobody wrote down when in the day they were.",
    ),
    Definition(
        "usual",
        "Usual",
        "The band in which figures of this kind have usually been lately: of ten such days in the past, about eight lie within it. It is worked out from days of the same weekday on which the centre was open.",
        "From the weeks before the time shown.",
        "Days on which the centre was closed, and days with nothing counted.",
    ),
    Definition(
        "centres",
        "Centres side by side",
        "The same figures for each centre, by the same definitions. A figure for each visit is divided by that centre's own visits.",
        "For each centre by its own local days.",
        "Centres whose figures you have no right to read.",
    ),
    Definition(
        "left",
        "Left before being served",
        "Visits none of whose needs was ever served: the visitor went, or did not come when called.",
        "Judged when the visit was over, told on the day it began.",
        "Visits that are still open.",
    ),
)

DEFINITIONS: dict[str, Definition] = {each.slug: each for each in (*_FOOTFALL,)}
"""By slug, in the order in which the glossary shows them."""
