"""The ticket: the code, large; then how long, where to wait, and the square for the phone.

Nothing here can tell a private ticket from any other: the model does not know. When the printer could not say whether the paper came
out, the same number stands beside the question.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from kiosk.flow.line import Line
from kiosk.flow.model import Ticket
from kiosk.screens.screen import Screen, rules
from kiosk.widgets.boxes import Columns, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.qr import Qr
from kiosk.widgets.text import Words


class Fact(Columns):
    """An icon, what it is about, and the fact."""

    icon = StringProperty("info")
    title = StringProperty("")
    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(text=self._build)

    def _build(self, *_: Any) -> None:
        self.clear_widgets()
        now = look()
        picture = Icon(self.icon, 9.0 * now.room, now.palette.icon)
        picture.share = 0.16 if now.compact else 0.1
        texts = Stack(gap=0)
        texts.add_widget(Words(text=self.title, tone="soft", drop=1))
        texts.add_widget(Words(text=self.text, role="strong", bold=True))
        self.add_widget(picture)
        self.add_widget(texts)

    def natural(self, width: float) -> float:
        return super().natural(width) if self.text else 0.0


class Phone(Columns):
    """The square, and what to do with it. Nothing when the centre has no phone page."""

    url = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(text=self._build)

    def _build(self, *_: Any) -> None:
        self.clear_widgets()
        if not self.url:
            return
        now = look()
        square = Qr(text=self.url, least_mm=28.4 if now.compact else 52, most_mm=38 if now.compact else 80)
        square.share = 0.6 if now.compact else 0.7
        texts = Stack(middle=True, gap=now.mm(1))
        texts.add_widget(Words(text=self.title, bold=True))
        texts.add_widget(Words(text=self.text, tone="soft", drop=1))
        self.add_widget(square)
        self.add_widget(texts)

    def natural(self, width: float) -> float:
        """As high as the square; the words beside it give way first."""
        if not self.children:
            return 0.0
        square, texts = self.boxes()
        wide = dict(self._widths(width))
        return max(square.natural(wide[square]), texts.natural(wide[texts]))

    def least(self, width: float) -> float:
        if not self.children:
            return 0.0
        square, texts = self.boxes()
        wide = dict(self._widths(width))
        small = square.natural(wide[square]) * (0.77 if look().compact else 0.8)
        return max(small, texts.least(wide[texts]))


class _OfTicket(Screen):
    @property
    def ticket(self) -> Ticket:
        ticket = self.model.ticket
        assert ticket is not None
        return ticket

    @property
    def code(self) -> str:
        return self.ticket.code


class TicketScreen(_OfTicket):
    @property
    def wait(self) -> str:
        line = self.model.appointment_line or self.model.wait_line
        if line is not None and line.key == "checkin.ticket_late" and self.now.compact and self.now.large:
            line = Line(
                "checkin.ticket_on_time", line.values
            )  # there is room for the time alone; the paper says the same
        return self.say.line(line)

    @property
    def wait_title(self) -> str:
        return self.say("checkin.ticket_title" if self.ticket.appointment else "wait.title")

    @property
    def wait_icon(self) -> str:
        return "calendar" if self.ticket.appointment else "time"

    @property
    def where(self) -> str:
        given = self.ticket.appointment
        return given.where if given and given.where else self.say.name(self.model.wait_here)

    @property
    def url(self) -> str:
        return self.ticket.follow_url

    @property
    def paper(self) -> str:
        line = self.model.paper_line
        return self.say.line(line) if line else self.say("printing.lead")


class CameOutScreen(_OfTicket):
    pass


rules(__file__)
