"""Coming in by the council's sign-on: sent there, back once, made or found by tenant and object id, and given the roles the council says.

An account is found by (tenant, object id) alone. An e-mail address or user principal name can be given to somebody else next year, so neither is
ever looked for; who had an account here before is joined to theirs by an administrator who types the object id (`join`). Whoever comes for the
first time and has a role that means something here gets an account; without one nothing is made.

Roles are read anew at each sign-in, for every centre whose administrators keep a table of what the council's roles give there (`SignOnRole`); at
the others the roles stay what they were given here. The row of a sign-in that is under way is taken out before anything of the answer is looked
at, so an answer works once, in the browser it was begun in, at whichever server it arrives.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, delete, select

from server.actions import staff
from server.actions.keys import hash_of
from server.actions.sessions import MUST_WAIT, begin_session, centres_of, end_sessions_of
from server.actions.tries import may_try
from server.clock import from_micros
from server.domain.refusals import Refused
from server.domain.sign_on import Person, account_name
from server.store.tables import BrowserSession, SignOn, SignOnRole, Staff, StaffRole
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import RefusalCode, Role

LIFE = timedelta(minutes=10)
"""So long somebody may be away at the council's sign-on."""
MOST_UNDER_WAY = 5_000
MOST_VALUE = 120
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VALUE = re.compile(r"[!-~]{1,120}")

NEVER_SAID = datetime(2000, 1, 1, tzinfo=UTC)
"""When somebody last showed who they are, where the council's sign-on does not say it. Its coming back is no proof: a screen that was left open goes there and
back by itself, and that we asked for the password anew stands in an address which whoever sits there can change."""

TOO_LATE = "This sign-in took too long, was begun in another browser, or was finished already. Nothing was changed: sign in again."
NO_ROLE = (
    "The council's sign-on knows you, and has not given you a role in Foyer. Ask your administrator for one."
)
GROUPS_ONLY = (
    "The council's sign-on told Foyer your groups and no role. Whoever runs it has to give app roles instead"
    " (docs/sign-on.md); until then nobody can sign in by it."
)
DISABLED = "Your account in Foyer is disabled. Ask your administrator."


@dataclass(frozen=True)
class UnderWay:
    """What was kept of a sign-in that has come back."""

    nonce: str
    verifier: str
    onward: str


def send_away(tx: Tx, state: str, nonce: str, verifier: str, browser: str, onward: str) -> None:
    """Keep what the answer is held against. Many more at once than a council has staff are somebody's game, and the oldest go."""
    session, now = tx.session(), from_micros(tx.now)
    if not may_try(tx, "sign_on", tx.actor.address):
        raise Refused(RefusalCode.TRY_LATER, MUST_WAIT)
    sweep(tx)
    under_way = session.exec(select(SignOn.state_hash).order_by(col(SignOn.at).desc())).all()
    if len(under_way) >= MOST_UNDER_WAY:
        session.exec(delete(SignOn).where(col(SignOn.state_hash).in_(under_way[MOST_UNDER_WAY // 2 :])))
    session.add(
        SignOn(
            state_hash=hash_of(state),
            nonce=nonce,
            verifier=verifier,
            browser_hash=hash_of(browser),
            onward=onward[:400],
            at=now,
        )
    )


def sweep(tx: Tx) -> None:
    """Forget whom nobody saw come back."""
    tx.session().exec(delete(SignOn).where(col(SignOn.at) < from_micros(tx.now) - LIFE))


def take_back(tx: Tx, state: str, browser: str) -> UnderWay | None:
    """The sign-in with this state, which is used up whatever comes of it; None when there is none, or another browser began it."""
    session = tx.session()
    kept = session.get(SignOn, hash_of(state), with_for_update=True)
    if kept is None:
        return None
    ours = secrets.compare_digest(kept.browser_hash, hash_of(browser))
    in_time = timedelta() <= from_micros(tx.now) - kept.at <= LIFE
    found = UnderWay(kept.nonce, kept.verifier, kept.onward)
    session.delete(kept)
    return found if ours and in_time else None


def note_refused(tx: Tx, why: str) -> None:
    """`why` is a word of ours (`server.domain.sign_on.Why`), never anything of the token. Anybody can be refused all day; the audit is not for filling."""
    if may_try(tx, "sign_on_no", tx.actor.address):
        tx.audit("sign_on_refused", "", why=why)


def come_in(tx: Tx, person: Person, proved_at: datetime, browser: str = "") -> tuple[str, int]:
    """The new session's key and at how many centres they work; raises Refused with a sentence.

    A refusal changes nothing, but for one thing: who has no role any more loses what they had, which is why `roles_of` is asked for first.
    """
    session = tx.session()
    found = _account(session, person)
    granted = granted_to(session, person.roles)
    if found is None:
        if not granted:
            raise Refused(RefusalCode.NOT_ALLOWED, GROUPS_ONLY if person.groups_only else NO_ROLE)
        found = _make(tx, person, granted)
    else:
        if found.disabled_at is not None:
            raise Refused(RefusalCode.NOT_ALLOWED, DISABLED)
        _give(tx, found, granted)
    assert found.id is not None
    session.flush()
    centres = centres_of(session, found.id)
    key = begin_session(
        tx,
        found.id,
        found.username,
        means="sso",
        browser=browser,
        sso_session=person.session,
        proved_at=proved_at,
    )
    return key, len(centres)


def take_roles_away(tx: Tx, person: Person) -> bool:
    """Whether this account came back without any role: what it had by the council's word goes, and its sessions end."""
    session = tx.session()
    found = _account(session, person)
    if found is None or found.id is None or granted_to(session, person.roles):
        return False
    _give(tx, found, {})
    session.flush()
    if centres_of(session, found.id):
        return False
    end_sessions_of(tx, found.id)
    return True


def account_of(session: Session, person: Person) -> int | None:
    """Whose account this is, if there is one."""
    found = _account(session, person)
    return found.id if found is not None else None


def _account(session: Session, person: Person) -> Staff | None:
    by = select(Staff).where(Staff.tenant == person.tenant, Staff.object_id == person.object_id)
    return session.exec(by).first()


def granted_to(session: Session, values: Collection[str]) -> dict[int, frozenset[Role]]:
    """What these roles of the council give, by centre."""
    granted: dict[int, set[Role]] = {}
    for each in session.exec(select(SignOnRole).where(col(SignOnRole.value).in_(list(values)))):
        granted.setdefault(each.centre_id, set()).add(Role(each.role))
    return {centre: frozenset(roles) for centre, roles in granted.items()}


def _make(tx: Tx, person: Person, granted: Mapping[int, frozenset[Role]]) -> Staff:
    session = tx.session()
    wanted = account_name(person)
    username, number = wanted, 1
    while staff.by_username(session, username) is not None:
        number += 1
        username = f"{wanted[:54]}-{number}"
    made = Staff(
        username=username,
        name=clean_text(person.name)[: staff.MOST_NAME] or username,
        tenant=person.tenant,
        object_id=person.object_id,
    )
    session.add(made)
    session.flush()
    tx.audit("sign_on_made", f"staff:{made.id}", username=username)
    _give(tx, made, granted)
    return made


def _give(tx: Tx, person: Staff, granted: Mapping[int, frozenset[Role]]) -> None:
    """Their roles become the council's, at each centre that leaves them to it; only what differs is written."""
    session = tx.session()
    assert person.id is not None
    for centre in session.exec(select(SignOnRole.centre_id).distinct()).all():
        held = select(StaffRole.role).where(StaffRole.staff_id == person.id, StaffRole.centre_id == centre)
        wanted = granted.get(centre, frozenset())
        if set(session.exec(held).all()) != {role.value for role in wanted}:
            staff.write_roles(tx, person, centre, wanted)
            tx.touch(centre)


# Kept by administrators ------------------------------------------------------------------------------------------


def table_of(session: Session, centre_id: int) -> dict[Role, tuple[str, ...]]:
    """By role here, the council's roles that give it."""
    table: dict[Role, list[str]] = {}
    kept = select(SignOnRole).where(SignOnRole.centre_id == centre_id).order_by(SignOnRole.value)
    for each in session.exec(kept):
        table.setdefault(Role(each.role), []).append(each.value)
    return {role: tuple(values) for role, values in table.items()}


def set_table(tx: Tx, centre_id: int, table: Mapping[Role, Collection[str]]) -> None:
    """What the council's roles give at this centre becomes this. Holds from each person's next sign-in."""
    session = tx.session()
    for value in {value for values in table.values() for value in values}:
        if not _VALUE.fullmatch(value):
            raise Refused(
                RefusalCode.MALFORMED,
                "The value of an app role has up to 120 letters, digits and signs and no spaces, such as Foyer.Adviser.york-house.",
            )
    session.exec(delete(SignOnRole).where(col(SignOnRole.centre_id) == centre_id))
    session.flush()
    pairs = {(value, role) for role, values in table.items() for value in values}
    session.add_all(SignOnRole(value=value, centre_id=centre_id, role=role) for value, role in sorted(pairs))
    tx.audit(
        "sign_on_roles", f"centre:{centre_id}", table=[f"{value}={role}" for value, role in sorted(pairs)]
    )


def join(tx: Tx, person: Staff, tenant: str, object_id: str) -> None:
    """This account is that person at the council from now on; an administrator said so. Empty parts them."""
    session, wanted = tx.session(), object_id.strip().casefold()
    if not wanted:
        if person.object_id is not None:
            person.tenant = person.object_id = None
            tx.audit("sign_on_parted", f"staff:{person.id}", username=person.username)
            end_sessions_of(tx, person.id or 0)
        return
    if not tenant:
        raise Refused(RefusalCode.WRONG_STATE, "The council's sign-on is not set up here (docs/sign-on.md).")
    if not _GUID.fullmatch(wanted):
        raise Refused(
            RefusalCode.MALFORMED,
            "An object ID looks like 5a1c0d1e-8f2b-4c3d-9e4f-0a1b2c3d4e5f. It stands on the person's page in Entra.",
        )
    by = select(Staff).where(Staff.tenant == tenant, Staff.object_id == wanted)
    other = session.exec(by).first()
    if other is not None and other.id != person.id:
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"This object ID belongs to the account {other.username} already. Disable that one, or part it first.",
        )
    if (person.tenant, person.object_id) != (tenant, wanted):
        person.tenant, person.object_id = tenant, wanted
        session.add(person)
        tx.audit("sign_on_joined", f"staff:{person.id}", username=person.username)
        end_sessions_of(tx, person.id or 0)


def set_emergency(tx: Tx, person: Staff, on: bool) -> None:
    if person.emergency != on:
        person.emergency = on
        tx.session().add(person)
        tx.audit("emergency_set" if on else "emergency_ended", f"staff:{person.id}", username=person.username)
        if not on:
            end_sessions_of(tx, person.id or 0)  # they came past the council's sign-on, or stand half-way in


def is_begun_by(session: Session, sso_session: str) -> bool:
    """Whether any session that is open was begun by this one of the council's sign-on."""
    by = select(BrowserSession.id).where(
        col(BrowserSession.ended_at).is_(None), BrowserSession.sso_session == sso_session
    )
    return session.exec(by.limit(1)).first() is not None


def end_by_provider(
    tx: Tx, sso_session: str = "", tenant: str = "", object_id: str = "", until: datetime | None = None
) -> int:
    """The council's sign-on says that somebody signed out there: the sessions it began, or all of a person's; how many. Those begun after `until`
    stay: what it said then is not about them, however often somebody says it again."""
    session = tx.session()
    by = select(BrowserSession).where(col(BrowserSession.ended_at).is_(None), BrowserSession.means == "sso")
    if until is not None:
        by = by.where(col(BrowserSession.started_at) <= until)
    if sso_session:
        by = by.where(BrowserSession.sso_session == sso_session)
    else:
        whose = select(Staff.id).where(Staff.tenant == tenant, Staff.object_id == object_id)
        by = by.where(col(BrowserSession.staff_id).in_(whose))
    ended = list(session.exec(by))
    for each in ended:
        each.ended_at = from_micros(tx.now)
        session.add(each)
        tx.audit("sign_on_ended", f"staff:{each.staff_id}")
    return len(ended)
