"""What can be done here and now: the way to the search first, then forms and pages elsewhere, as tiles like the first choices."""

from __future__ import annotations

from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import Found
from kiosk.flow.finding.things import listed
from kiosk.screens.chrome import more_button
from kiosk.screens.filling.pieces import Paged
from kiosk.screens.needs import NeedsScreen
from kiosk.screens.saying import Saying
from kiosk.widgets.press import Press


class BrowseScreen(NeedsScreen):
    @property
    def title(self) -> str:
        return self.say("find.title")

    @property
    def lead(self) -> str:
        return self.say("find.lead")

    def fill(self) -> None:
        self.ids.notices.show(self.model, self.say)
        if self.now.compact and self.now.large:
            self._list()
            return
        tiles = self.ids.tiles
        tiles.more = more_button(self.say)
        tiles.highest_mm = 24 if self.now.compact else 38
        search = Press(
            action=a.Search(), icon="search", chip=True, style="main", text=self.say("find.search")
        )
        for press in (search, *(found_press(each, self.say) for each in listed(self.model))):
            tiles.add_widget(press)

    def _list(self) -> None:
        """Large letters on a small panel: under each other, or there would be one to a page."""
        tiles = self.ids.tiles.__self__
        rows = Paged(self.say, grow=1.0)
        search = Press(action=a.Search(), icon="search", style="main", text=self.say("find.search"))
        rows.fill(
            [search, *(found_press(each, self.say, brief=True, named=False) for each in listed(self.model))]
        )
        above = self.children[: self.children.index(tiles)]
        self.remove_widget(tiles)
        self.add_widget(rows, index=len(above))


def found_press(each: Found, say: Saying, *, brief: bool = False, named: bool = True) -> Press:
    """A tile for something that was found: what it is, and (`named`) what touching it does."""
    return Press(
        action=a.Open(each.kind, each.id),
        icon=each.icon or "info",
        chip=not brief,
        style="card" if each.open else "resting",
        text=say.name(each.names),
        more=say(f"find.kind_{each.kind}") if named else "",
    )
