"""Who of the staff may see what a visitor handed in, and what may be done with it in which state.

* Who sorts papers (`Role.PAPERS`) sees what was handed in at their centre; what belongs to a discreet visit only with that right as well. An
  adviser sees what belongs to the visitor who is at their counter, whatever it is about, for they are asked once and not twice. Nobody else.
* What a virus was found in, or what a scanner has still to look at, is opened by nobody.
* Pages are turned, split and put together while no team has it: what lies with one is taken back and goes anew. What is accepted is the team's;
  what is rejected or deleted is done with.
"""

from __future__ import annotations

from collections.abc import Collection

from server.domain.hand_off import is_to_be_looked_at
from wire.vocabulary import HandedIn, PaperKind, Role, SubmissionState

LOOKED, DOWNLOADED = "looked at papers", "downloaded papers"
"""What the audit calls a look."""
OPEN_STATES = frozenset({SubmissionState.RECEIVED, SubmissionState.HANDED_OFF})
REJECTED_DAYS = 14
"""So long what was rejected stays here: its visitor may come and ask."""
UNUSABLE = ("blurred", "dark", "cut_off", "page_missing", "wrong_paper", "out_of_date", "whose")
"""Words of the catalogue (`unusable.<word>`)."""
DELETE_WHY = ("mistake", "asked", "trial")
"""Why somebody deletes what was handed in before its time: by mistake, because its visitor asked for it, or because it was only a trial."""

PAPER_WORDS = {
    PaperKind.LETTER: "Letter",
    PaperKind.FORM: "Form",
    PaperKind.IDENTITY: "Identity",
    PaperKind.BANK: "Bank statement",
    PaperKind.WAGES: "Wages",
    PaperKind.TENANCY: "Tenancy",
    PaperKind.BILL: "Bill",
    PaperKind.MEDICAL: "Medical",
    PaperKind.OTHER: "Paper",
}
"""What staff read at a bookmark."""

VIRUS = "A virus was found in this. It cannot be opened, and is sent to no team. Reject it, so that its visitor hands it in again."
NOT_LOOKED = "The virus scanner has not looked at this yet. It can be opened as soon as it has."


def may_see(roles: Collection[Role], *, private: bool, served: bool) -> bool:
    """`private`: it belongs to a discreet visit, or is for a service that is; `served`: its visitor is at the counter of who looks."""
    if served and Role.ADVISER in roles:
        return True
    return Role.PAPERS in roles and (not private or Role.DISCREET in roles)


def closed_because(virus: str) -> str:
    """Why it is not opened, in a sentence; empty when it is."""
    if virus == "found":
        return VIRUS
    return NOT_LOOKED if is_to_be_looked_at(virus) else ""


def done_with(state: str, *, deleted: bool) -> str:
    """Why nothing can be done with it any more; empty while something can."""
    if deleted:
        return "This was deleted. Nothing of it is kept here any more."
    if state == SubmissionState.ACCEPTED:
        return "Its team has this already. Ask them."
    if state == SubmissionState.REJECTED:
        return "This was rejected already."
    return ""


def may_turn_pages(kind: str) -> bool:
    """Only scanned papers have pages of our making."""
    return kind == HandedIn.PAPERS
