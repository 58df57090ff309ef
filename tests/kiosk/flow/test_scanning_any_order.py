"""Whatever happens in whatever order at a scan station: pages of two visitors never meet, nobody's stay, nothing is sent that nobody sent, and
every use is told once.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.flow import events as e
from kiosk.flow.effects import Effect
from kiosk.flow.model import Model, Screen, Visitor
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import At, Hint
from tests.kiosk.flow.scanning import SQUARE, Station, station, with_plate
from tests.kiosk.flow.walking import evacuated, locked
from wire.packets import MOST_PAGES
from wire.vocabulary import Language, PaperKind, PaperState, PartState, PrinterState

TYPED = "XYZZY9"
ACTIONS: list[e.Action] = [
    *(e.ChooseLanguage(Language.GU), e.ChooseNeed("_scan"), e.ChooseNeed("_scan"), e.ChooseNeed("money"), a.Begin()),
    *(a.ChoosePurpose("tax"), a.ChoosePurpose("parking"), a.ChoosePurpose("gone"), a.Type(TYPED), a.Erase(), a.GoOn(), a.GoOn()),
    *(a.Without(), a.TakeMeant(), a.ShowKeys(), a.TakePicture(), a.NextPaper(), a.AllDone(), a.AllDone(), a.TurnPage(), a.Retake()),
    *(a.DeletePage(), a.ChangeCorners(), a.MoveCorners(SQUARE), a.BeginsPaper(), a.ChooseKind(), a.IsKind(PaperKind.BILL)),
    *(a.AddPages(), a.SwitchColour(), a.AskReceipt(), a.ByText(), a.ByEmail(), a.Send(), a.Send(), a.PrintAgain()),
    *(a.WantPerson(), a.TicketInstead(), e.AskHelp(), e.CloseHelp(), e.GoBack(), e.StartAgain(), e.HideNow(), e.Done()),
    *(e.TalkInPrivate(), e.ChooseService("private"), e.LargerText(), e.MoreTime()),
]  # fmt: skip
CODES = (
    "https://foyer.example/hand-in/tax/XYZZY9",
    "https://foyer.example/t/XYZZY9-secret",
    "BCDFGHJW",
    None,
)


class ScanAnyOrder(RuleBasedStateMachine):
    @initialize(printer=st.sampled_from(PrinterState), journal=st.booleans(), near=st.booleans())
    def begin(self, printer: PrinterState, journal: bool, near: bool) -> None:
        self.kiosk: Station = station(printer)
        self.kiosk.watch = self.each_step
        self.kiosk.journal_works = journal
        self.sessions: set[int] = set()
        self.sent: set[int] = set()
        self.touched: e.Action | None = None
        if near:
            self.kiosk.to_plate()
            self.kiosk.page()

    @rule(
        action=st.sampled_from(ACTIONS),
        after=st.sampled_from([0.0, 0.4, 1.0, 1.0, 30.0]),
        stale=st.booleans(),
    )
    def touch(self, action: e.Action, after: float, stale: bool) -> None:
        kiosk = self.kiosk
        kiosk.at += after
        kiosk.now += round(after * 1000)
        before = kiosk.model
        self.touched = action
        told = kiosk.send(e.Touched(action, before.generation - stale, kiosk.at))
        self.touched = None
        if stale and not isinstance(action, e.HideNow):
            assert kiosk.model.visitor == before.visitor
            assert told == []

    @rule(which=st.integers(0, 5))
    def a_page_of_those_shown_is_touched(self, which: int) -> None:
        scanning = self.kiosk.model.visitor.scanning
        if scanning is not None and scanning.pages:
            self.kiosk.tap(a.ShowPage(scanning.pages[which % len(scanning.pages)].id))

    @rule(
        hint=st.sampled_from([Hint.HOLD, Hint.SHINY, Hint.LAY, Hint.CAMERA]),
        ready=st.booleans(), lies=st.booleans(), fresh=st.booleans(), late=st.integers(0, 2), nobody=st.booleans(),
    )  # fmt: skip
    def the_plate_is_seen(
        self, hint: Hint, ready: bool, lies: bool, fresh: bool, late: int, nobody: bool
    ) -> None:
        kiosk, before = self.kiosk, self.kiosk.model
        scanning = before.visitor.scanning
        session = 0 if nobody else (scanning.session if scanning else 1) - late
        told = kiosk.send(a.Saw(session, kiosk.at, hint, ready=ready, lies=lies, fresh=fresh))
        taking = [effect for effect in told if isinstance(effect, a.Capture)]
        if taking:
            assert ready
            assert scanning is not None
            assert session == scanning.session
            assert scanning.at is At.PLATE
            assert not scanning.working
        if scanning is not None and session != scanning.session:
            assert kiosk.model.visitor == before.visitor

    @rule(which=st.integers(0, 9), count=st.sampled_from([0, 1, 1, 2, 60]))
    def a_picture_comes_perhaps_long_after(self, which: int, count: int) -> None:
        asked = self.kiosk.of(a.Capture)
        if asked:
            taking = asked[-1 - which % min(3, len(asked))]
            shots = tuple(self.kiosk.shot(taking.session) for _ in range(count))
            self.kiosk.send(a.Captured(taking.session, taking.order, shots, at=self.kiosk.at))

    @rule(which=st.integers(0, 9))
    def a_page_is_made_anew(self, which: int) -> None:
        asked = [*self.kiosk.of(a.Rework), *self.kiosk.of(a.Recolour)]
        if asked:
            again = asked[-1 - which % min(3, len(asked))]
            page = getattr(again, "page", "")
            self.kiosk.send(a.Reworked(again.session, again.order, (a.Shot(page, 9, 9),) if page else ()))

    @rule(which=st.integers(0, 9), why=st.sampled_from(["", "", "disk", "seal"]))
    def it_is_kept_or_not_perhaps_long_after(self, which: int, why: str) -> None:
        asked = [keep for keep in self.kiosk.of(a.Keep) if keep.ticket is None]
        if asked:
            keep = asked[-1 - which % min(3, len(asked))]
            kept = a.Kept(keep.session, keep.order, "f" * 32, "BCDFGHJW", self.kiosk.now)
            self.kiosk.send(a.NotKept(keep.session, keep.order, why) if why else kept)

    @rule(late=st.booleans(), paper=st.sampled_from(PaperState))
    def the_receipt_is_printed(self, late: bool, paper: PaperState) -> None:
        scanning = self.kiosk.model.visitor.scanning
        session = (scanning.session if scanning else 1) - late
        self.kiosk.send(a.ReceiptPrinted(session, "BCDFGHJW", paper), e.Received("f" * 32))

    @rule(text=st.sampled_from(CODES))
    def a_code_is_held_up(self, text: str | None) -> None:
        self.kiosk.at += 1
        self.kiosk.send(e.Scanned(text, self.kiosk.at))

    @rule(seconds=st.sampled_from([1, 5, 25, 70, 200]))
    def time_passes(self, seconds: int) -> None:
        self.kiosk.wait(seconds)

    @rule(state=st.sampled_from(PartState), trouble=st.sampled_from([None, Hint.CAMERA]))
    def the_camera_changes(self, state: PartState, trouble: Hint | None) -> None:
        self.kiosk.send(a.PlateIs(state, trouble))

    @rule(kind=st.sampled_from(["open", "shut", "locked", "evacuated", "no purposes", "tax closed", "empty"]))
    def the_feed_changes(self, kind: str) -> None:
        rows = {
            "locked": locked, "evacuated": evacuated, "empty": dict, "shut": lambda: with_plate(is_open=False),
            "tax closed": lambda: with_plate(tax_open=False),
        }.get(kind, with_plate)()  # fmt: skip
        if kind == "no purposes":
            rows = {key: row for key, row in rows.items() if not key.startswith("purpose")}
        self.kiosk.send(e.FeedChanged(rows))

    @rule(fault=st.sampled_from([*e.Fault, None]))
    def something_breaks_or_mends(self, fault: e.Fault | None) -> None:
        self.kiosk.send(e.Faulted(fault, "x") if fault else e.Mended())

    def each_step(self, model: Model, effects: tuple[Effect, ...]) -> None:
        scanning = model.visitor.scanning
        if scanning is not None:
            self.sessions.add(scanning.session)
        for effect in effects:
            if isinstance(effect, a.Keep):
                of = {page.id.split("-")[0] for paper in effect.papers for page in paper}
                assert of == {f"s{effect.session}"}, "pages of two visitors in one packet"
                assert effect.ticket is not None or isinstance(self.touched, a.Send), "sent by nobody"
            if isinstance(effect, a.Capture | a.Rework | a.Recolour | a.PrintReceipt):
                assert scanning is not None
                assert effect.session == scanning.session

    # What always holds --------------------------------------------------------------------------------------

    @invariant()
    def every_page_is_of_whoever_stands_there(self) -> None:
        scanning = self.kiosk.model.visitor.scanning
        if scanning is None:
            return
        assert all(page.id.startswith(f"s{scanning.session}-") for page in scanning.pages)
        assert len(scanning.pages) <= MOST_PAGES
        assert len({page.id for page in scanning.pages}) == len(scanning.pages)
        if scanning.at in (At.PAGE, At.CORNERS, At.KIND):
            assert scanning.now is not None
        if scanning.at in (At.CHECK, At.SENDING, At.FAILED):
            assert scanning.pages
        assert (scanning.at is At.SENT) <= scanning.sent

    @invariant()
    def a_scan_is_on_its_own_screen_or_beside_the_wish_for_privacy(self) -> None:
        model = self.kiosk.model
        if model.screen is Screen.SCAN:
            assert model.visitor.scanning is not None
        if model.visitor.scanning is not None:
            assert model.screen is Screen.SCAN or (model.screen is Screen.SERVICES and model.visitor.private)

    @invariant()
    def a_stranger_finds_no_trace(self) -> None:
        model = self.kiosk.model
        if model.visitor == Visitor():
            assert TYPED not in repr(model)
            assert not any(f"s{number}-" in repr(model) for number in self.sessions)

    @invariant()
    def every_session_that_is_over_was_wiped_and_told_once(self) -> None:
        scanning = self.kiosk.model.visitor.scanning
        over = self.sessions - ({scanning.session} if scanning else set())
        assert sorted(effect.session for effect in self.kiosk.of(a.Wipe)) == sorted(over)
        assert len(self.kiosk.of(a.TellUse)) == len(over)

    def teardown(self) -> None:
        """From anywhere, a calm visitor's page is sent."""
        kiosk = getattr(self, "kiosk", None)
        if kiosk is None:
            return
        kiosk.journal_works = True
        kiosk.wait(10)
        kiosk.send(
            e.Mended(), e.LinkChanged(up=True), e.FeedChanged(with_plate()), a.PlateIs(PartState.READY)
        )
        kiosk.wait(300)
        assert kiosk.model.visitor == Visitor()
        kiosk.to_plate()
        kiosk.page()
        kiosk.tap(a.AllDone())
        self.touched = a.Send()
        kiosk.tap(a.Send())
        kiosk.kept()
        assert kiosk.scanning.at is At.SENT


ScanAnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestScanAnyOrder = ScanAnyOrder.TestCase
