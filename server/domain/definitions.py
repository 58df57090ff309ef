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
        "weekdays",
        "By weekday",
        "The mean of the days of each weekday on which anything was counted. By half hour only what has a time of day is in it: visits with a ticket, and taps.",
        "By local days. Of a time longer than about a year, from its last year.",
        "Days on which nothing was counted, and imported figures of more than one day.",
    ),
    Definition(
        "channels",
        "How visits were recorded",
        "Visits by the door they were recorded through: a kiosk, the greeter, online, or an emergency paper ticket that was entered later.",
        "On the local day on which the visit began.",
        "What was counted by taps, on tally sheets or in imported figures.",
    ),
    Definition(
        "languages",
        "By language",
        "Visits by the language that was chosen for them, at the kiosk, with the greeter or online. A visit has one language.",
        "On the local day on which the visit began.",
        "What was counted by taps, on tally sheets or in imported figures.",
    ),
    Definition(
        "needs",
        "By access need",
        "Visits on which an access need was told, by need. A visit with two needs counts in both lines.",
        "On the local day on which the visit began.",
        "Needs that nobody told, and what was counted by taps, on tally sheets or in imported figures.",
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
        "for-each-visit",
        "For each visit",
        "How many people came on a visit, how many needs it had, and how many minutes they were served, divided by all visits with a ticket.",
        "Of visits on the local day on which they began; being served is measured from the adviser's tap until the end, without what was parked.",
        "Needs that nobody ended on their day, for their minutes are not known; and what was counted by taps.",
    ),
    Definition(
        "left",
        "Left before being served",
        "Visits none of whose needs was ever served: the visitor went, or did not come when called.",
        "Judged when the visit was over, told on the day it began.",
        "Visits that are still open.",
    ),
)

_ESTIMATES = (
    Definition(
        "estimates",
        "How right our waits are",
        "Every range of waiting that a visitor could see, such as 10 to 15 minutes: of each ticket the first in every five minutes of its wait. It was right when the call came no sooner than its"
        " low end and no later than its high end, to the second. The error is the time between the middle of the range and the call; calls that come later than the middle and calls that come sooner"
        " cancel each other out in “called later by”, and do not in the error.",
        "From the moment the range was told until the first call, on the local day on which the visit began.",
        "Visitors who were never called: they left, were passed on, or their ticket was merged or withdrawn; they are counted apart. Ranges that were held back. Moments when nothing could be said because"
        " no counter was open.",
    ),
    Definition(
        "estimates-held",
        "Held back",
        "Services for which nobody is told a wait, because the ranges worked out for them have been wrong too often. Visitors read “we cannot say” instead.",
        "Judged every five minutes by the ranges of the last four weeks and of the last week, told or held back alike.",
        "Services with too few ranges to judge by: fewer than 60, of fewer than 20 visitors, or on fewer than three days. They are told.",
    ),
)

_NOW = (
    Definition(
        "now",
        "Now",
        "Visitors who wait to be called, are at a counter (called or being served) or are parked; counters somebody has opened, and of these on a break or free; appointments of today by how far they have come.",
        "At the moment the page was drawn; the page draws itself anew when anything changes.",
        "What private visits are about: they are counted, and never named.",
    ),
    Definition(
        "so-far",
        "Today so far",
        "How many visits with a ticket had begun by each half hour of today, all since midnight added up, beside the usual band for that half hour: of the last twelve days of the same weekday about eight in ten"
        " lay within it, and half were above its middle.",
        "By the clock on the wall at the centre, up to the last half hour that is over.",
        "For the band: days on which the centre was closed, days on which nothing was counted, and single days so far from all others that something unusual must have happened. With fewer than six days left no band is told.",
    ),
)

_WAITS = (
    Definition(
        "waits",
        "Waiting",
        "How long somebody waited until the first call. The median is what half waited at most, the 90th percentile what nine in ten waited at most; both are waits that somebody really had,"
        " in whole minutes rounded up. Within target are those called within the target of their service as it is today; with an appointment, within five minutes.",
        "Without an appointment from taking a ticket, or being entered by staff, to the first call. With one from its time, or from the arrival if that was later; nought for those called before."
        " Who came too late to keep the appointment waits as a walk-in and stands in a row of their own.",
        "Who was never called, what was passed on to another counter (its first call counts, at the service it was called for), and tickets left open overnight.",
    ),
    Definition(
        "waits-by-hour",
        "Waiting, by when they came",
        "The waits of visitors without an appointment, by the half hour in which they came. A half hour has visitors of many services, so it is held against one target: that of most of them.",
        "By the clock on the wall at the centre. On the day the clock goes back, two hours share their half hours.",
        "Visitors with an appointment, and those who came too late for theirs.",
    ),
    Definition(
        "serving",
        "Walking, being served, parked",
        "Walking: how long a visitor took to the counter. Being served: how long they were with somebody, whether the need ended there or was passed on. Parked: how long a ticket was held while"
        " the visitor fetched or filled in something.",
        "Walking from the last call until served; being served from then to the end, without the time parked.",
        "Tickets left open overnight: nobody knows when they ended. There is no target for any of these, because a need takes as long as it takes.",
    ),
    Definition(
        "unserved",
        "Left unserved, passed on, taken back",
        "Left unserved are needs that nobody ever served: the visitor gave up waiting, or did not come when called. Passed on are tickets sent to another service or counter. Taken back are ends"
        " that were undone, because a visitor came after all or the wrong button was pressed. Left open are tickets that nobody ended on their day.",
        "Told on the local day on which the visit began.",
        "Tickets merged into another, or entered by mistake. What is still open is neither served nor left.",
    ),
    Definition(
        "appointments",
        "Appointments",
        "Kept: the visitor came in time to keep the place. Too late: they came, and waited as a walk-in. Missed: they did not come. Cancelled before: nobody was expected any more.",
        "Kept and late on the day the visitor came; missed and cancelled on the local day of the appointment. Shares are of those that stood, so without the cancelled.",
        "Times that were held while somebody filled in the form and never booked; appointments whose time has not come.",
    ),
    Definition(
        "counters",
        "How counters were used",
        "How long a counter was open (somebody sat there), how much of it with visitors, on a break, and neither (idle). Idle time is also when notes are written and the telephone is answered.",
        "A sitting counts on the local day on which it began, up to its end; today's up to now. With visitors is from served until ended or parked.",
        "Sittings that nobody ended: until when somebody sat there is not known. Nothing here is of a person, only of the place.",
    ),
)
_WHY = (
    Definition(
        "one-visit",
        "Resolved in one visit",
        "Needs that were resolved on the day they were brought, by a visitor who had not been here about the same before, as a share of all needs with an outcome. The target is 95%. Whether they had"
        " been here is what whoever served them heard; a second need about the same on one day counts as coming again.",
        "Told on the local day on which the visit began.",
        "Needs served without an outcome being noted, and needs left unserved. What was not ours, was referred or ended because the visitor left is in it: they came all the same.",
    ),
    Definition(
        "avoidable",
        "Visits that need not have been",
        "Needs of which whoever served the visitor noted that the visit could have been spared, with one cause each: chasing an answer, a letter that was not clear, not our service, could be done"
        " online, our mistake. Shares are of all needs served to an end.",
        "Told on the local day on which the visit began.",
        "Needs left unserved, and help at the door, which has a figure of its own. No private need is named by service.",
    ),
    Definition(
        "outcomes",
        "How needs ended",
        "Needs served to an end, by the outcome that was noted when they ended.",
        "Told on the local day on which the visit began.",
        "Needs left unserved, and those still open.",
    ),
    Definition(
        "again",
        "Came again about the same",
        "Needs whose visitor had been here about the same before, as whoever served them heard, or who came twice about it that day. Nobody's visits are joined over days: there is nothing to join them by.",
        "Told on the local day on which the visit began.",
        "Needs left unserved. Who did not say so is not counted, so the true share is rather higher.",
    ),
    Definition(
        "door-help",
        "Helped at the door",
        "People helped on the spot by a greeter, without a ticket; how many of them were helped to an end, and how many need not have come.",
        "On the local day of the tap.",
        "Taps that were taken back. A private service is not named.",
    ),
)
_PERSONS = (
    Definition(
        "person",
        "Figures of one person",
        "What one member of staff did at a counter: needs served to an end, how long serving took, time at counters and on breaks, tickets passed on and ends taken back. Beside it the same of"
        " everybody else at the centre together: of one whole month that is over, and where at least three others served.",
        "A need counts for whoever served it last, on the local day on which it ended; time at a counter on the day the sitting began.",
        "Tickets and sittings left open overnight, and work without a ticket: the telephone, notes, help on the floor. Needs differ, so a longer median is no fault by itself.",
    ),
)
_SATISFACTION = (
    Definition(
        "satisfaction",
        "Satisfied",
        "Visitors who said how their visit was, on one scale of five at the exit, on the page of their own ticket, or by a square on paper. Good and very good together are the satisfied. The range told beside it"
        " is Wilson's: if those who answered had been drawn by lot, the share among all visitors would lie within it 19 times of 20.",
        "On the local day on which the answer was given, also where a kiosk handed it over later. A ticket's page asks once, until a day after the visit.",
        "Answers that a manager took out because somebody played with it. Nobody knows who answered, so somebody who answered twice at the exit counts twice. A part of the time with fewer than five answers has no share.",
    ),
    Definition(
        "response",
        "Answers for each visit",
        "Answers by the way they came, beside the visits with a ticket in the same time.",
        "Both on local days.",
        "Visitors without a ticket are not among the visits, and may have answered all the same; so the figure compares times with each other, and can pass 100%.",
    ),
    Definition(
        "complaints",
        "Complaints, compliments and suggestions",
        "What came by the form for it or was written down by staff. In time is what was acknowledged, and answered or passed on, by the day that was promised: five working days, and ten more, unless the house has set others."
        " Shares are of those whose day has passed or who were dealt with.",
        "By the local day on which it was received.",
        "What was withdrawn is in no share. Comments on how a visit was are not complaints: nobody waits for an answer to them.",
    ),
)
_STAFFING = (
    Definition(
        "expected",
        "Expected",
        "How many needs with a ticket are expected to be brought by people who walk in, from past days of the same weekday: recent weeks weigh more, and the season and known events are reckoned with. At least and"
        " at most are told so that what comes lies between them four times in five. Appointments are those made so far.",
        "By the half hour in which they come, by the clock on the wall at the centre.",
        "Days of closures, special hours and known events teach nothing of usual ones. People counted by a tap need no desk. Nobody knows of appointments that have not been made yet, nor who of those who have one will not come.",
    ),
    Definition(
        "desks_needed",
        "Desks needed",
        "The fewest desks at work in each half hour with which nine in ten are seen within the target of their service, on the last eight usual days of this weekday, played again as busy as the day is expected to be. Desks for"
        " a few needs only stay as they were. Beside it stands what Erlang's formula says, as a check.",
        "A wait counts from the arrival, or from the booked time if that is later, until the first call, in whole minutes rounded up.",
        "Breaks: they come on top. Nobody comes because the queue is shorter, and nobody is served faster because it is long. Who left before their target had passed is left out; who left later was not seen in time.",
    ),
    Definition(
        "replayed",
        "Played again",
        "A past day played with other desks: the same people at the same times, as long at a desk as they were, called in the order in which the centre calls. Played with the desks there were, it shows how near that comes to what was.",
        "From the first arrival until everybody has been seen or has left.",
        "Calls out of turn, and whom somebody sat with for a while. Tickets and sittings left open overnight have no length: a visit lasts as its service usually does, and a desk nobody closed is not among the desks.",
    ),
)

DEFINITIONS: dict[str, Definition] = {
    each.slug: each
    for each in (
        *_FOOTFALL,
        *_WAITS,
        *_WHY,
        *_SATISFACTION,
        *_PERSONS,
        *_ESTIMATES,
        *_NOW,
        *_STAFFING,
    )
}
"""By slug, in the order in which the glossary shows them."""
