"""Writing forms in the browser: drafts, what is wrong and where, publishing, versions, two who write at once, and where a form is offered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect
from sqlmodel import col, select

from server.actions.forms import library_text
from server.store.tables import Form, FormVersion
from server.web.form_preview import differences, preview
from tests.server.web.booked_house import copied
from tests.server.web.formed_house import EVERY, STREET, Formed, formed_house
from tests.server.web.forms import filled, form_in
from tests.server.web.rehearsal import PASSWORD
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formed]:
    with formed_house(copied(sqlite_template, tmp_path_factory)) as running:
        yield running


@pytest.fixture
def house(one_house: Formed) -> Formed:
    return one_house.afresh()


def the_form(house: Formed, slug: str = STREET) -> Form:
    found: Form = house.read(
        lambda session: session.exec(
            select(Form).where(col(Form.slug) == slug, col(Form.centre_id) == 1)
        ).one()
    )
    return found


class Writer:
    """An administrator with the editor of one form open."""

    def __init__(self, house: Formed, who: str = "ada", slug: str = STREET) -> None:
        self.client: httpx.Client = house.served.signed_in(who)
        self.where = f"/admin/forms/{the_form(house, slug).id}"
        self.look()

    def look(self) -> Writer:
        self.page = self.client.get(self.where)
        return self

    def press(self, do: str, **fields: str) -> Writer:
        data = filled(form_in(self.page.text, self.where), do=do, **fields)
        self.page = self.client.post(self.where, data=data, follow_redirects=True)
        return self

    @property
    def text(self) -> str:
        (found,) = [value for name, value in form_in(self.page.text, self.where) if name == "text"]
        return found.lstrip("\n")


def test_a_draft_is_seen_by_nobody_until_it_is_published(house: Formed) -> None:
    writer = Writer(house)
    assert writer.text == library_text(STREET), "what is written is what stands there, to the last letter"
    text = writer.text.replace("Report a problem in a street", "Tell us what is broken")
    writer.press("save", text=text)
    assert "The draft is saved" in writer.page.text
    assert "Tell us what is broken" not in house.visitor().go("/forms").text
    begun = house.visitor().begin(STREET)
    writer.press("publish")
    assert "Published." in writer.page.text
    assert "Tell us what is broken" in house.visitor().go("/forms").text
    assert "Report a problem in a street" in begun.go(begun.path).text, (
        "who has begun finishes as it was begun"
    )
    versions = [each.number for each in house.rows(FormVersion) if each.form_id == the_form(house).id]
    assert sorted(versions) == [1, 2], "the draft is gone, and the first version is still there"
    assert "nothing has changed" in writer.look().press("publish").page.text


def test_nothing_wrong_is_published_and_the_line_is_named(house: Formed) -> None:
    writer = Writer(house)
    text = writer.text.replace("kind: yes_no", "kind: perhaps", 1)
    line = text[: text.index("kind: perhaps")].count("\n") + 1
    writer.press("check", text=text)
    assert f'data-go="{line}"' in writer.page.text
    assert writer.press("publish", text=text).page.status_code == 422
    assert writer.text == text, "what was typed stays"
    assert the_form(house).version == 1
    other = text.replace("kind: perhaps", "kind: yes_no").replace(f"slug: {STREET}", "slug: another")
    assert f"must say slug: {STREET}" in writer.press("publish", text=other).page.text


def test_two_who_write_at_once_do_not_overwrite_each_other_unseen(house: Formed) -> None:
    one, other = Writer(house), Writer(house)
    one.press("save", text=one.text.replace("minutes: 4", "minutes: 9"))
    other.press("save", text=other.text.replace("minutes: 4", "minutes: 7"))
    assert other.page.status_code == 409
    assert "has saved this form since you opened it" in other.page.text
    assert "minutes: 9" in other.page.text
    assert "minutes: 7" in other.text, "and what the second typed is not lost"
    other.press("save")
    assert "minutes: 7" in one.look().text, "the second has seen it, and meant it"


def test_an_older_version_is_put_back_as_a_draft_first(house: Formed) -> None:
    writer = Writer(house)
    first = writer.text
    writer.press("publish", text=first.replace("minutes: 4", "minutes: 9"))
    page = writer.client.get(f"{writer.where}/versions")
    assert "+ minutes: 9" in page.text
    assert "− minutes: 4" in page.text
    data = filled(form_in(page.text, f"{writer.where}/restore"))
    assert data["number"] == ["1"]
    writer.client.post(f"{writer.where}/restore", data=data)
    assert writer.look().text == first
    assert the_form(house).version == 2
    writer.press("publish")
    assert the_form(house).version == 3


def test_a_form_is_offered_where_it_is_wanted(house: Formed) -> None:
    writer, row = Writer(house), the_form(house)
    action = f"/admin/forms/{row.id}/offer"
    page = writer.client.get("/admin/forms").text

    def sent(**fields: str | None) -> httpx.Response:
        return writer.client.post(
            action, data=filled(_settings(page, action), **fields), follow_redirects=True
        )

    sent(on_web=None, keep_days="5", do="save")
    assert (the_form(house).on_web, the_form(house).at_kiosks, the_form(house).keep_days) == (False, True, 5)
    assert house.visitor().go(f"/forms/{STREET}").status == 404
    assert sent(keep_days="ten", do="save").status_code == 422
    sent(do="retire")
    assert "Offered no more" in writer.client.get("/admin/forms").text


def _settings(page: str, action: str) -> list[tuple[str, str]]:
    """Of the forms that are sent to the same address, the one with the settings."""
    start = page.index("keep_days", page.index(action))
    at = page.rindex(f'action="{action}"', 0, start)
    return form_in("<form " + page[at:], action)


def test_a_new_form_begins_from_the_library_a_copy_or_nothing(house: Formed) -> None:
    writer = Writer(house)
    page = writer.client.get("/admin/forms").text
    row = the_form(house)
    for begins, slug in (
        (f"form:{row.id}", "my-own"),
        ("empty:", "brand-new"),
        ("library:blue-badge-first-step", ""),
    ):
        if begins not in page:
            continue
        data = filled(form_in(page, "/admin/forms"), begins=begins, slug=slug)
        answer = writer.client.post("/admin/forms", data=data, follow_redirects=True)
        assert "never published" in answer.text
        assert f"slug: {slug or begins.partition(':')[2]}" in answer.text
    again = writer.client.post(
        "/admin/forms", data=filled(form_in(page, "/admin/forms"), begins="empty:", slug="my-own")
    )
    assert again.status_code == 422
    assert "brand-new" not in house.visitor().go("/forms").text


def test_another_centres_forms_are_nobodys_here(house: Formed) -> None:
    client = house.served.signed_in("max")
    assert client.get("/admin/forms").status_code == 403
    ada = house.served.signed_in("ada")
    assert ada.get("/admin/forms/999999").status_code == 404


def test_the_preview_shows_the_way_the_answers_take() -> None:
    text = EVERY.read_text(encoding="utf-8")
    looked = preview(text, "ur", {})
    assert looked.title == "ہر طرح کا سوال"
    rent = next(page for page in looked.pages if page.key == "rent")
    assert (rent.asked, rent.when) == (False, "“Do you rent or own?” is “I rent”")
    assert text.splitlines()[rent.line - 1].strip().startswith("- {key: rent")
    assert [each.key for each in looked.tries] == ["own"]
    assert next(page for page in preview(text, "en", {"own": "rent"}).pages if page.key == "rent").asked
    assert preview("steps: [", "en", {}).faults
    assert [line.text for line in differences("a\nb\n", "a\nc\n") if line.sign == "+"] == ["c"]


@on_one_loop
async def test_faults_and_pages_follow_what_is_typed(house: Formed, open_page: OpenPage) -> None:
    page = await open_page(f"{house.served.url}/sign-in", viewport={"width": 1280, "height": 900})
    await page.fill("[name=username]", "ada")
    await page.fill("[name=password]", PASSWORD)
    async with page.expect_navigation():
        await page.press("[name=password]", "Enter")
    await page.goto(f"{house.served.url}/admin/forms")
    await assert_axe_clean(page)
    await _shot(page, "list")
    await page.goto(f"{house.served.url}/admin/forms/{the_form(house).id}")
    await expect(page.locator(".form-fine")).to_be_visible()
    await assert_axe_clean(page)
    await page.select_option("#try-danger", "yes")
    await expect(page.locator(".form-page.passed").first).to_be_visible()
    await _shot(page, "path")
    await page.select_option("#language", "ur")
    await expect(page.locator(".form-pages")).to_have_attribute("dir", "rtl")
    await page.evaluate("document.getElementById('text').setSelectionRange(0, 0)")
    await page.focus("#text")
    await page.keyboard.type("nonsense: yes\n")
    await expect(page.locator(".wrongs")).to_be_visible()
    await expect(page.locator(".form-numbers .bad").first).to_be_visible()
    await assert_axe_clean(page)
    await _shot(page, "faults")
    await page.click(".wrongs a")
    assert await page.evaluate("document.activeElement.id") == "text"
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.value") == "check", (
        "the tabulator leads on, not into the text"
    )
    await page.set_viewport_size({"width": 320, "height": 800})
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await _shot(page, "narrow")


async def _shot(page: Page, name: str) -> None:
    if os.environ.get("FOYER_SHOTS"):
        await page.screenshot(
            path=f"{os.environ['FOYER_SHOTS']}/forms-admin-{name}.png", full_page=name != "path"
        )
