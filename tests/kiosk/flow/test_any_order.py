"""Whatever happens in whatever order: never two tickets for one touch, nobody's trace after they have gone,
always a way on; nobody is asked anything while all must leave, and papers for staff never go before a visitor's.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from forms.form import Place
from kiosk.flow import events as e
from kiosk.flow.effects import BeginTest, Effect, Forget, NotePaper, Print, PrintJob, RefuseJob, TakeTicket
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import FoundAddress
from kiosk.flow.found import Found
from kiosk.flow.marks import FormEffect
from kiosk.flow.model import Model, Screen, Visitor
from kiosk.flow.shown import CHECKING
from tests.kiosk.flow.filling.begun import MOVE, with_forms
from tests.kiosk.flow.walking import (
    DAY,
    JOBS,
    Kiosk,
    announced,
    evacuated,
    locked,
    open_kiosk,
    service,
    wanted,
    with_appointments,
    york_house,
)
from wire.vocabulary import Language, PaperState, PartState, PrinterState

TYPED = "Zanzibar"
"""What a visitor types into a form."""
ACTIONS: list[e.Action] = [
    *(e.ChooseLanguage(language) for language in (Language.EN, Language.GU, Language.UR, Language.AR)),
    *(e.ChooseNeed(choice) for choice in ("money", "home", "gone")),
    *(e.ChooseService(name) for name in ("repairs", "homeless", "advice", "private", "tax", "gone")),
    *(e.GoBack(), e.StartAgain(), e.HideNow(), e.Done(), e.AskHelp(), e.CloseHelp(), e.TalkInPrivate()),
    *(e.LargerText(), e.HighContrast(), e.ReachDown(), e.MoreTime(), e.WithoutPaper()),
    *(e.PaperCameOut(yes=True), e.PaperCameOut(yes=False)),
    *(
        e.ChooseNeed("appointment"),
        e.TypeReference(),
        e.TypeSign("B"),
        e.DeleteSign(),
        e.WithoutReference(),
        e.TryAgain(),
    ),
    *(
        e.ChooseNeed("_form"),
        a.ChooseForm(MOVE.slug),
        a.StartForm(),
        a.Type(TYPED),
        a.Delete(),
        a.GoOn(),
        a.Skip(),
    ),
    *(a.Choose("yes"), a.Into("last"), a.Change(Place("name")), a.Send(), a.WantPerson(), a.TicketInstead()),
    *(a.CarryOn(), a.ReadAloud(), a.PrintAgain(), a.TypeAddress(), a.AddOne(), a.RemoveOne(0)),
]
KNOWN = ("BCDFGHJW", "BBBBBBBB")
"""What is held up: a reference, and (by its check sign) another."""
ORDERING = (e.ChooseNeed, e.ChooseService, e.WithoutReference, e.TypeSign, a.TicketInstead)
LEAVING = (e.StartAgain, e.HideNow, e.Done)


class AnyOrder(RuleBasedStateMachine):
    @initialize(
        printer=st.sampled_from(PrinterState),
        own_journal=st.booleans(),
        rows=st.sampled_from(["open", "shut", "none"]),
    )
    def begin(self, printer: PrinterState, own_journal: bool, rows: str) -> None:
        offered: dict[str, Any] = {
            "open": with_forms() | with_appointments(),
            "shut": york_house(open=False),
            "none": {},
        }[rows]
        self.kiosk: Kiosk = open_kiosk(offered, printer)
        self.kiosk.watch = self.each_step
        self.under_way: str | None = None
        self.ended: set[str] = set()
        self.tests: list[BeginTest] = []
        self.kiosk.journal_works = own_journal
        self.answered = 0
        self.counted = 0
        """Touches that could have ordered a ticket."""

    @rule(
        action=st.sampled_from(ACTIONS),
        after=st.sampled_from([0.0, 0.01, 0.2, 0.4, 1.0, 30.0]),
        stale=st.booleans(),
    )
    def touch(self, action: e.Action, after: float, stale: bool) -> None:
        kiosk = self.kiosk
        kiosk.at += after
        kiosk.now += round(after * 1000)
        before = kiosk.model
        told = kiosk.send(e.Touched(action, before.generation - stale, kiosk.at))
        orders = [effect for effect in told if isinstance(effect, TakeTicket)]
        assert len(orders) <= 1
        if orders:
            assert not stale
            assert isinstance(action, ORDERING)
            assert orders[0].discreet == (orders[0].service == "listening")
        if stale and not isinstance(action, e.HideNow):
            assert kiosk.model.visitor == before.visitor
        if isinstance(action, e.HideNow):
            assert kiosk.model.visitor == Visitor()

    @rule(seconds=st.sampled_from([1, 5, 25, 70, 200]))
    def time_passes(self, seconds: int) -> None:
        self.kiosk.wait(seconds)

    @rule(days=st.sampled_from([-4000, -1, 1, 4000]))
    def the_calendar_jumps(self, days: int) -> None:
        self.kiosk.now = max(0, self.kiosk.now + days * DAY)
        self.kiosk.send(e.Tick(self.kiosk.at, self.kiosk.now))

    @precondition(lambda self: len(self.kiosk.orders) > self.answered and not self.kiosk.journal_works)
    @rule(fails=st.booleans())
    def the_journal_answers(self, fails: bool) -> None:
        order = self.kiosk.orders[self.answered]
        self.answered += 1
        before = self.kiosk.model
        told = self.kiosk.send(e.Faulted(e.Fault.JOURNAL_FULL) if fails else self.kiosk.taken(order))
        if not fails and not (before.ordered and before.order == order.order):
            assert self.kiosk.model.visitor == before.visitor, "a late ticket is shown to somebody else"
            assert any(isinstance(effect, Print | NotePaper) for effect in told)

    @rule(
        text=st.sampled_from([*KNOWN, None, "https://foyer.example/t/x", "WIFI:x"]),
        camera=st.sampled_from(PartState),
    )
    def a_code_is_held_up(self, text: str | None, camera: PartState) -> None:
        self.kiosk.at += 1
        self.kiosk.send(e.SensesChanged(camera, PartState.READY), e.Scanned(text, self.kiosk.at))
        assert not (self.kiosk.model.watching and self.kiosk.model.screen is not Screen.CHECK_IN)

    @rule(
        found=st.sampled_from(["today", "arrived", "other_day", "cancelled", "unknown", "no_answer"]),
        late=st.booleans(),
    )
    def what_is_known_is_told(self, found: str, late: bool) -> None:
        at = self.kiosk.now
        known = Found.model_validate({"found": found, "starts_at": at, "from_at": at, "kept_until_at": at})
        before = self.kiosk.model
        self.kiosk.send(e.LookedUp(before.order - late, known))
        if late or not before.looking:
            assert self.kiosk.model.visitor == before.visitor

    @precondition(lambda self: any(isinstance(effect, FormEffect) for effect in self.kiosk.effects))
    @rule(back=st.integers(0, 3), works=st.booleans())
    def a_form_is_answered(self, back: int, works: bool) -> None:
        """Late, early, twice, for somebody who has gone: whatever was asked for on the way of a form."""
        asked = [effect for effect in self.kiosk.effects if isinstance(effect, FormEffect)]
        effect = asked[-1 - min(back, len(asked) - 1)]
        before = self.kiosk.model
        answer = self.answer_to(effect, works)
        if answer is not None:
            self.kiosk.send(answer)
            filling = before.visitor.filling
            if filling is None or filling.session != effect.session:  # type: ignore[attr-defined]  # those that are answered have one
                assert self.kiosk.model.visitor == before.visitor, "an answer for somebody else"

    def answer_to(self, effect: FormEffect, works: bool) -> e.Event | None:
        match effect:
            case a.Open():
                return a.Opened(effect.session, effect.order, MOVE if works else None)
            case a.LookForAddresses():
                found = (FoundAddress(("1 Road",), "LE1 6RN"),) if works else None
                return a.AddressesFound(effect.session, effect.order, found)
            case a.Keep() if effect.ticket is None and works:
                return a.Kept(effect.session, effect.order, "p" * 32, "BCDFGHJW", self.kiosk.now)
            case a.Keep() if effect.ticket is None:
                return a.NotKept(effect.session, effect.order, "disk")
            case a.Carry():
                url = "https://foyer.example/carry-on/secret" if works else ""
                return a.CarriedOver(effect.session, effect.order, url)
            case a.PrintReceipt():
                return a.ReceiptPrinted(effect.session, PaperState.CONFIRMED if works else PaperState.UNKNOWN)
        return None

    @rule(paper=st.sampled_from(PaperState))
    def printed(self, paper: PaperState) -> None:
        ticket = self.kiosk.model.ticket
        self.kiosk.send(e.Printed(ticket.id if ticket else "t0", paper))

    @rule(status=st.sampled_from(PrinterState))
    def the_printer_changes(self, status: PrinterState) -> None:
        self.kiosk.send(e.PrinterChanged(status))

    @rule(up=st.booleans())
    def the_link_changes(self, up: bool) -> None:
        self.kiosk.send(e.LinkChanged(up))

    def each_step(self, model: Model, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, PrintJob | RefuseJob):
                assert self.under_way is None, "two papers for staff at once"
                assert effect.job not in self.ended, "a paper that was dealt with is printed again"
                assert not model.ordered
                waits = model.ticket is not None and model.ticket.paper in (
                    PaperState.RESERVED,
                    PaperState.SENT,
                )
                assert not waits, "a paper for staff goes before a visitor's"
                assert not model.evacuated
                self.under_way = effect.job
            if isinstance(effect, BeginTest):
                assert model.visitor == Visitor(), "a visitor is disturbed by a test"
                self.tests.append(effect)
            if isinstance(effect, Print):
                assert not model.evacuated, "a ticket for somebody who must leave"

    @precondition(lambda self: self.under_way is not None)
    @rule(done=st.booleans())
    def a_paper_for_staff_ends(self, done: bool) -> None:
        job, self.under_way = self.under_way, None
        assert job is not None
        if done and f"print:{job}" in self.listed:
            self.ended.add(job)
        self.kiosk.send(e.JobEnded(job, done))

    @precondition(lambda self: self.tests)
    @rule(told=st.booleans())
    def the_test_ends(self, told: bool) -> None:
        test = self.tests.pop()
        self.kiosk.send(e.SelfTested(test.job, test.on, told))

    listed: frozenset[str] = frozenset()

    @rule(
        kind=st.sampled_from(
            ["open", "shut", "empty", "renamed", "tax closed", "locked", "evacuated", "told"]
        ),
        jobs=st.sets(st.sampled_from(JOBS)),
        test=st.sampled_from(["", *JOBS]),
    )
    def the_feed_changes(self, kind: str, jobs: set[str], test: str) -> None:
        rows = with_forms() | with_appointments(open=kind != "shut")
        if kind in ("locked", "evacuated", "told"):
            rows = {"locked": locked(), "evacuated": evacuated(), "told": rows | announced("Slow today.")}[
                kind
            ]
        if kind != "empty":
            rows["device:k1"]["test_job"] = test
            rows |= wanted(*jobs)
        self.listed = frozenset(rows if kind != "empty" else ())
        self.ended = {job for job in self.ended if f"print:{job}" in self.listed}
        if kind == "renamed":
            rows["choice:home"]["id"] = "other"
        if kind == "tax closed":
            rows["service:tax"] = service("tax", "money", is_open=False)
        self.kiosk.send(e.FeedChanged({} if kind == "empty" else rows))

    @rule(fault=st.sampled_from(e.Fault))
    def something_breaks(self, fault: e.Fault) -> None:
        self.kiosk.send(e.Faulted(fault, "x"))

    @rule()
    def it_mends(self) -> None:
        self.kiosk.send(e.Mended())

    @rule(code=st.sampled_from([None, "7H4K-2M"]))
    def it_is_revoked(self, code: str | None) -> None:
        self.kiosk.send(e.SettingUp(code, revoked=True))

    @rule()
    def it_is_set_up(self) -> None:
        self.kiosk.send(e.SetUp("k1"), e.FeedChanged(york_house()))
        self.listed, self.ended = frozenset(), set()

    # What always holds --------------------------------------------------------------------------------------

    @invariant()
    def everything_a_screen_asks_for_can_be_said(self) -> None:
        model = self.kiosk.model
        for name in (
            *(
                "choices",
                "services",
                "chosen",
                "languages",
                "ticket",
                "asks_paper",
                "wait_here",
                "help",
                "idle_left",
            ),
            *(
                "closed_reason",
                "opens",
                "banner",
                "notice",
                "help_lines",
                "wait_line",
                "paper_line",
                "closed_line",
            ),
            *("check_in_hint", "appointment_line", "watching", "looking", "checking"),
            *("setup_line", "staff_says", "centre_name", "right_to_left", "locked", "announced"),
        ):
            getattr(model, name)
        for tile in (*model.choices, *model.services):
            model.tile_line(tile)

    @invariant()
    def a_screen_has_what_it_shows(self) -> None:
        model = self.kiosk.model
        if model.screen is Screen.TICKET:
            assert model.ticket is not None
        if model.screen is Screen.SERVICES:
            assert model.services
        if model.screen in CHECKING:
            assert model.visitor.checking is not None
            assert model.offer.booking is not None
        if model.screen is Screen.TOLD:
            assert model.checking.told is not None
        if model.screen is Screen.SETUP:
            assert model.setup is not None
        if model.screen is Screen.OUT_OF_ORDER:
            assert model.staff_says
        if model.screen is Screen.LOCKED:
            assert model.locked
        assert (model.screen is Screen.EVACUATED) == model.evacuated
        if model.screen in (Screen.START, Screen.NEEDS, Screen.SERVICES):
            assert model.out_of_order is None
            assert model.setup is None
            assert not model.locked or model.ordered

    @invariant()
    def nothing_of_anybody_is_there_while_all_must_leave(self) -> None:
        model = self.kiosk.model
        if model.evacuated:
            assert model.visitor == Visitor()
            assert not model.ordered

    @invariant()
    def a_stranger_finds_no_trace(self) -> None:
        """What is on the start screen of a kiosk nobody has touched since is what was on a fresh one's."""
        model = self.kiosk.model
        if model.visitor == Visitor():
            assert model.ticket is None
            assert "secret" not in repr(model)
            assert not any(reference in repr(model) for reference in KNOWN)
            assert TYPED not in repr(model)

    @invariant()
    def whoever_left_a_form_was_wiped(self) -> None:
        """And the other way round: nobody's is wiped who is still at it."""
        effects, filling = self.kiosk.effects, self.kiosk.model.visitor.filling
        wiped = {effect.session for effect in effects if isinstance(effect, a.Wipe)}
        begun = {effect.session for effect in effects if isinstance(effect, a.Open)}
        assert begun - wiped <= ({filling.session} if filling else set())
        assert filling is None or filling.session not in wiped

    @invariant()
    def whoever_has_gone_was_forgotten(self) -> None:
        effects = self.kiosk.effects
        gone = {effect.ticket for effect in effects if isinstance(effect, Forget)}
        shown = self.kiosk.model.ticket
        given = {f"t{number}" for number in range(1, self.kiosk.numbers + 1)}
        assert given - gone <= ({shown.id} if shown else set())

    @invariant()
    def never_more_tickets_than_orders(self) -> None:
        orders = self.kiosk.orders
        numbers = [order.order for order in orders]  # a look for a reference takes one too
        assert numbers == sorted(set(numbers))
        papers = [paper.ticket for paper in self.kiosk.papers if not paper.copy]
        assert len(papers) == len(set(papers))

    def teardown(self) -> None:
        """From anywhere, after what is broken was mended, a calm visitor gets a ticket."""
        kiosk = getattr(self, "kiosk", None)
        if kiosk is None:
            return
        kiosk.journal_works = True
        self.listed, self.ended = frozenset(), set()
        kiosk.wait(10)  # an order that was never answered has by now been given up
        kiosk.send(e.Mended(), e.SetUp("k1"), e.LinkChanged(up=True), e.FeedChanged(york_house()))
        kiosk.wait(300)
        assert kiosk.model.screen is Screen.START
        assert kiosk.model.visitor == Visitor()
        before = len(kiosk.orders)
        kiosk.to_ticket()
        assert len(kiosk.orders) == before + 1


AnyOrder.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestAnyOrder = AnyOrder.TestCase
