"""What the terminal shows when York House stands: addresses and logins, to be read at a glance and copied."""

from __future__ import annotations

from collections.abc import Mapping

from demo.page import Login, Told
from server.centrefile import CentrePlan

SHOWN = (
    ("grace", "Greeter", "/greeter"),
    ("amina", "Adviser", "/counter"),
    ("nathan", "Manager and adviser", "/counter"),
    ("noor", "Papers", "/papers"),
    ("meera", "Manager", "/floor"),
    ("olivia", "Administrator", "/setup"),
)
"""One account for each role; the rehearsal plays the others."""
WIDTH = 78


def logins_of(plan: CentrePlan, passwords: Mapping[str, str]) -> tuple[Login, ...]:
    names = {person.username: person.name for person in plan.staff}
    return tuple(
        Login(who, names[username], username, passwords[username], where) for username, who, where in SHOWN
    )


def block(told: Told, page: str, speed: float) -> str:
    lines = [f"York House is open.  {told.time}" + (f", {speed:g} times as fast" if speed != 1 else ""), ""]
    lines += [f"  Begin here       {page}", ""]
    lines += [f"  Kiosk            {told.dock or 'in its window on this screen'}"]
    lines += [f"  Lobby display    {page}/lobby", f"  Sign of Desk 4   {page}/sign"]
    lines += [
        f"  Counter          {told.server}/counter",
        f"  Phone            {page}/phone    (follows the newest paper)",
        f"  Messages         {told.phones}    (texts and e-mails to visitors)",
        f"  On the web       {told.server}/forms, /book, /online",
        f"  Self-service PC  {page}/pc",
    ]
    lines += ["", f"  {'Sign in as':<21}{'user name':<11}password, made for this run"]
    lines += [f"  {each.who:<21}{each.username:<11}{each.password}" for each in told.logins]
    if told.plays:
        lines += ["", "  Visitors and advisers of a rehearsal are at work. Desk 4 is left for you."]
    lines += ["", "  All of it is on this machine only. Ctrl-C ends it."]
    rule = "─" * WIDTH
    return "\n".join(["", rule, *(f" {line}".rstrip() for line in lines), rule, ""])
