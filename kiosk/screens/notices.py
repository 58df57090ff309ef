"""What has to be said before a choice: what everyone is told, that there is no paper, that what was just touched is closed."""

from __future__ import annotations

from kiosk.flow.model import Model
from kiosk.screens.saying import Saying
from kiosk.widgets.boxes import Columns, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import Card
from kiosk.widgets.text import Words


class Notices(Stack):
    """Nothing when there is nothing to say."""

    def show(self, model: Model, say: Saying) -> None:
        if model.notice is not None:
            self._add("info", say.line(model.notice))
        if model.banner is not None:
            title, lead = model.banner
            self._add("paper", say.line(title), say.line(lead))

    def announce(self, model: Model, say: Saying) -> None:
        """What everyone in the centre is told. By itself, since on a small panel it must give way to what can be touched."""
        if model.announced is not None:
            self._add("info", say.name(model.announced))

    def _add(self, icon: str, title: str, lead: str = "") -> None:
        now = look()
        card = Card(style="told", pad=now.pad)
        row = Columns()
        picture = Icon(icon, 8.0 * now.room, now.palette.on_told)
        picture.share = 0.1
        row.add_widget(picture)
        texts = Stack(gap=0)
        texts.add_widget(Words(text=title, bold=True, tone="on_told"))
        if lead and not (now.compact):
            texts.add_widget(Words(text=lead, tone="on_told", drop=1))
        row.add_widget(texts)
        card.add_widget(row)
        self.add_widget(card)
