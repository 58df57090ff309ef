"""The pages around the questions: which form, what it is, a notice, people in a group, the check of all answers."""

from __future__ import annotations

from forms.form import Group, Place, Question, step_at
from forms.form import say as pick
from forms.rules import answer_at, items_of, missing, places, shown, stopped, totals
from forms.saying import shown_sum
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import At
from kiosk.flow.model import Model
from kiosk.screens.filling.pieces import FormFoot, FormTold, Page, button, of, paragraphs, put, title, turns
from kiosk.screens.screen import Screen
from kiosk.typeset import isolate
from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from kiosk.widgets.press import Card, Press
from kiosk.widgets.qr import Qr
from kiosk.widgets.text import Words

SHORTLY = 5
"""From more forms than this on their names say enough."""


class ListScreen(Screen):
    """Which form; or that it is being opened; or that it cannot be."""

    def fill(self) -> None:
        filling = of(self.model)
        if filling.at is At.LIST:
            self._list()
            return
        opening = filling.at is At.OPENING
        head = [title(self.say("scan.sending_title" if opening else "fill.not_opened_title"))]
        rows = [] if opening else [Words(text=self.say("fill.not_opened_lead"))]
        put(self, head, rows, FormFoot(self.model, self.say, []))

    def _list(self) -> None:
        many = len(self.model.offer.forms) > SHORTLY and not look().large
        rows = [self._row(number) for number in range(len(self.model.offer.forms))]
        columns = 2 if (look().compact and not look().large) or many else 1
        put(
            self,
            [title(self.say("fill.list_title"))],
            rows,
            FormFoot(self.model, self.say, []),
            columns=columns,
        )

    def _row(self, number: int) -> Press:
        row = self.model.offer.forms[number]
        many = len(self.model.offer.forms) > SHORTLY
        more = "" if look().compact or many else self.say.name(row.help)
        return Press(
            action=a.ChooseForm(row.id), text=self.say.name(row.names), more=more, icon=row.icon or "form", chip=True,
            status=self.say("fill.minutes", count=row.minutes) if not look().compact else "",
        )  # fmt: skip

    def follow(self, model: Model) -> None:
        self.model = model


class BeginScreen(Screen):
    """What a form is for, how long it takes, what one needs, who gets it, and that nothing is kept until it is sent."""

    def fill(self) -> None:
        page, form = Page(self.model, self.say), of(self.model).form
        assert form is not None  # the roster chose this screen for it
        rows: list[Box] = [*paragraphs(page.form(form.lead))]
        rows.append(Words(text=self.say("fill.minutes", count=form.minutes), bold=True))
        if form.ready:
            rows.append(Words(text=self.say("form.ready"), bold=True))
            rows += [Words(text=f"•  {page.form(each)}") for each in form.ready]
        if form.whom:
            rows += [
                Words(text=self.say("form.whom"), bold=True),
                *paragraphs(page.form(form.whom), tone="soft"),
            ]
        if form.anonymous:
            rows.append(Words(text=self.say("form.anonymous"), bold=True))
        rows.append(Words(text=self.say("form.not_kept"), tone="soft"))
        again = bool(of(self.model).answers or of(self.model).drafts)
        start = button(a.StartForm(), self.say("form.carry_on" if again else "form.begin"), main=True)
        put(self, [title(page.form(form.title))], rows, FormFoot(self.model, self.say, [start]))

    def follow(self, model: Model) -> None:
        self.model = model


class NoticeScreen(Screen):
    def fill(self) -> None:
        page, notice = Page(self.model, self.say), of(self.model).notice
        assert notice is not None  # the roster chose this screen for it
        rows: list[Box] = [*paragraphs(page.form(notice.text))]
        if notice.link:
            rows.append(Qr(text=notice.link, least_mm=28 if look().compact else 55, most_mm=60))
        if notice.ends:
            rows.append(Words(text=self.say("form.nothing_sent"), bold=True))
        ways = [] if notice.ends else [button(a.GoOn(), self.say("form.carry_on"), main=True)]
        put(self, [title(page.form(notice.title))], rows, FormFoot(self.model, self.say, ways))

    def follow(self, model: Model) -> None:
        self.model = model


class GroupScreen(Screen):
    """Whom there is; one more; one less; a touch on one leads to it."""

    def fill(self) -> None:
        page, filling = Page(self.model, self.say), of(self.model)
        group, form = filling.group, filling.form
        assert group is not None  # the roster chose this screen for it
        assert form is not None
        items = items_of(group, filling.answers)
        head: list[Box] = [
            title(page.form(group.title)),
            *paragraphs(page.form(group.hint), tone="soft", drop=2),
        ]
        if filling.wrong is not None:
            head.append(FormTold(page.wrong(filling.wrong)))
        rows: list[Box] = []
        for number in range(len(items)):
            rows += self._item(page, group, number, removable=len(items) > group.least)
        ways = [button(a.GoOn(), self.say("form.carry_on"), main=True)]
        if len(items) < group.most:
            ways.insert(0, button(a.AddOne(), self.say("form.add"), "plus"))
        foot = FormFoot(self.model, self.say, ways)
        put(self, head, rows or [Words(text=self.say("form.none_yet"), tone="soft")], foot, columns=2)

    def _item(self, page: Page, group: Group, number: int, *, removable: bool) -> list[Box]:
        filling = of(self.model)
        form = filling.form
        assert form is not None
        way = [
            each for each in places(form, filling.answers) if each.within == group.key and each.item == number
        ]
        said = [
            text
            for place in way[:2]
            for text in shown(form, place, answer_at(filling.answers, place), self.say.language)[:1]
            if answer_at(filling.answers, place) not in (None, "")
        ]
        name = f"{page.form(group.one)} {isolate(str(number + 1))}"
        one = Press(action=a.Change(way[0]) if way else None, text=name, more=", ".join(said), icon="pen")
        away = Press(
            action=a.RemoveOne(number) if removable else None,
            text=self.say("form.remove"),
            icon="bin",
            align="centre",
        )
        return [one, away]

    def follow(self, model: Model) -> None:
        self.model = model


class FormCheckScreen(Screen):
    """Every answer, each a touch away from being changed. What is missing is said at its question."""

    def fill(self) -> None:
        page, filling = Page(self.model, self.say), of(self.model)
        form = filling.form
        assert form is not None  # the roster chose this screen for it
        head = [title(self.say("form.check")), Words(text=self.say("fill.check_lead"), tone="soft", drop=2)]
        lacking = set(missing(form, filling.answers))
        rows: list[Box] = []
        for place in places(form, filling.answers):
            step = step_at(form, place)
            if isinstance(step, Question | Group):
                rows.append(self._row(page, place, step, lacking=place in lacking))
        titles = {total.key: total.title for total in form.totals}
        for told in totals(form, filling.answers):
            card = Card(pad=look().pad)
            card.add_widget(Words(text=page.form(titles[told.key]), tone="soft"))
            card.add_widget(Words(text=shown_sum(told, self.say.language), bold=True, role="strong"))
            rows.append(card)
        if form.whom:
            rows += [
                Words(text=self.say("form.whom"), bold=True),
                *paragraphs(page.form(form.whom), tone="soft"),
            ]
        wide = look().panel.wide_mm > 190 and not look().large and not look().compact
        ways = (
            []
            if stopped(form, filling.answers)
            else [button(a.Send(), self.say("form.send"), "yes", main=True)]
        )
        put(self, head, rows, FormFoot(self.model, self.say, ways), columns=2 if wide else 1)

    def _row(self, page: Page, place: Place, step: Question | Group, *, lacking: bool) -> Press:
        filling = of(self.model)
        form = filling.form
        assert form is not None
        lines = shown(form, place, answer_at(filling.answers, place), self.say.language)
        name = page.form(step.title)
        if place.item is not None:
            group = step_at(form, Place(place.within or ""))
            one = pick(group.one, self.say.language) if isinstance(group, Group) else ""
            name = f"{one} {isolate(str(place.item + 1))}: {name}"
        return Press(
            action=a.Change(place), text=name, more=_short(lines), icon="fault" if lacking else "pen", role="body",
            style="told" if lacking else "card",
        )  # fmt: skip

    def follow(self, model: Model) -> None:
        self.model = model


def _short(lines: list[str]) -> str:
    """An answer as far as it takes to know it again; changing it shows all of it."""
    text = (", " if turns() else "\n").join(line for line in lines if line)
    most = 70 if look().compact else 220
    return text if len(text) <= most else f"{text[:most].rstrip()} …"
