"""The visitor's page on the real server: their place live, their turn, leaving, and nothing for anybody else."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.server.web.rehearsal import SERVICES, Served
from tests.support.browser import OpenPage, Watch, assert_axe_clean, on_one_loop
from wire.asks import Announce, Arrive, CallNext, EndAnnouncement, Evacuate, Finish, NoShow, Park, Resume
from wire.vocabulary import Language, Outcome, new_id
from words import Catalogue

SMALL = {"width": 320, "height": 640}
PHONE = {"width": 390, "height": 844}
GONE = "This ticket cannot be found"


async def open_phone(
    open_page: OpenPage, served: Served, secret: str, query: str = "", **options: object
) -> Page:
    return await open_page(
        f"{served.url}/t/{secret}{query}", **{"viewport": PHONE, "reduced_motion": "reduce", **options}
    )


@on_one_loop
async def test_the_place_moves_up_and_the_turn_comes_by_itself(open_page: OpenPage, served: Served) -> None:
    served.sit("priya")
    first, _, _ = served.visitor()
    ticket, code, secret = served.visitor()
    page = await open_phone(open_page, served, secret)
    place = page.locator("#place")
    await expect(place.locator(".code")).to_have_text(code)
    await expect(place).to_contain_text("1 person is before you")
    await expect(place).to_contain_text("Blue chairs by the window")
    await assert_axe_clean(page)
    priya = served.actor("priya")
    served.ask(priya, CallNext())
    await expect(place).to_contain_text("You are next")
    served.ask(priya, Arrive(ticket=first))
    served.ask(priya, Finish(ticket=first, outcome=Outcome.RESOLVED))
    served.ask(priya, CallNext())
    await expect(place.locator(".go")).to_contain_text("Desk\u00a01")
    await expect(page).to_have_title(re.compile("Please go to .*Desk"))
    await assert_axe_clean(page)
    served.ask(priya, Arrive(ticket=ticket))
    await expect(place).to_contain_text("You are being seen now.")


@on_one_loop
async def test_the_page_says_that_the_visit_has_ended(
    open_page: OpenPage, served: Served, watch: Watch
) -> None:
    watch.expect("status of 404")
    served.sit("priya")
    ticket, _, secret = served.visitor()
    page = await open_phone(open_page, served, secret)
    priya = served.actor("priya")
    served.ask(priya, CallNext())
    served.ask(priya, Arrive(ticket=ticket))
    await expect(page.locator("#place")).to_contain_text("You are being seen now.")
    served.ask(priya, Finish(ticket=ticket, outcome=Outcome.RESOLVED))
    await expect(page.get_by_text("Your visit has ended")).to_be_visible()
    await expect(page.get_by_role("heading", name="How was your visit?")).to_be_visible()
    await assert_axe_clean(page)
    await page.get_by_role("button", name="Very good").click()
    await expect(page.get_by_role("heading", name="What was good?")).to_be_visible()
    assert secret not in await page.content(), "what follows knows the answer's number alone"
    await page.goto(f"{served.url}/t/{secret}")
    await expect(page.get_by_role("heading", name="You have told us already")).to_be_visible()


@on_one_loop
async def test_who_did_not_come_is_told_so(open_page: OpenPage, served: Served, watch: Watch) -> None:
    watch.expect("status of 404")
    served.sit("priya")
    ticket, _, secret = served.visitor()
    page = await open_phone(open_page, served, secret)
    served.ask(served.actor("priya"), CallNext())
    await expect(page.locator(".turn")).to_be_visible()
    served.ask(served.actor("priya"), NoShow(ticket=ticket))
    await expect(page.get_by_role("heading", name="We called your number")).to_be_visible()


@on_one_loop
async def test_a_discreet_visitor_is_fetched_and_nothing_rings_or_shines(
    open_page: OpenPage, served: Served
) -> None:
    served.sit("priya")
    _, _, secret = served.visitor(discreet=True)
    page = await open_page(viewport=PHONE)
    await page.add_init_script(_NOISE)
    await page.goto(f"{served.url}/t/{secret}")
    await page.click("#sound")
    await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    before = await page.evaluate("[window.rings, window.buzzes.length]")
    served.ask(served.actor("priya"), CallNext())
    turn = page.locator(".turn.quiet")
    await expect(turn).to_contain_text("A member of staff will come to you")
    assert "Desk" not in (await turn.text_content() or "")
    assert await page.title() == f"{(await turn.locator('.code').text_content())}: Your place in the queue"
    assert await page.evaluate("[window.rings, window.buzzes.length]") == before


@on_one_loop
async def test_the_turn_rings_and_buzzes_once_sound_was_allowed(open_page: OpenPage, served: Served) -> None:
    served.sit("priya")
    _, _, secret = served.visitor()
    page = await open_page(viewport=PHONE)
    await page.add_init_script(_NOISE)
    await page.goto(f"{served.url}/t/{secret}")
    await page.click("#sound")
    await expect(page.locator("#sound")).to_have_text("Turn the sound off")
    rings = await page.evaluate("window.rings")
    served.ask(served.actor("priya"), CallNext())
    await expect(page.locator(".turn")).to_be_visible()
    await page.wait_for_function("before => window.rings > before", arg=rings)
    assert await page.evaluate("window.buzzes.length") == 1


_NOISE = """
  window.rings = 0;
  window.buzzes = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) { window.rings += 1; return start.apply(this, given); };
  navigator.vibrate = (pattern) => { window.buzzes.push(pattern); return true; };
"""


@on_one_loop
async def test_leaving_asks_first_and_works_without_scripts(open_page: OpenPage, served: Served) -> None:
    served.sit("priya")
    _, code, secret = served.visitor()
    page = await open_phone(open_page, served, secret, java_script_enabled=False)
    await page.click("text=Leave the queue")
    await expect(page.get_by_role("heading", name="Do you want to give up your place?")).to_be_visible()
    await page.click("text=No, keep my place")
    await expect(page.locator(".code")).to_have_text(code)
    await page.click("text=Leave the queue")
    await page.click("text=Yes, give up my place")
    await expect(page.get_by_role("heading", name="You have left the queue")).to_be_visible()
    with served.client() as anybody:
        assert "How was your visit?" in anybody.get(f"/t/{secret}").text


@on_one_loop
async def test_the_pages_round_it_are_accessible_too(
    open_page: OpenPage, served: Served, watch: Watch
) -> None:
    watch.expect("status of 404")
    _, _, secret = served.visitor(language=Language.AR)
    for path in (f"/t/{secret}/leave", f"/t/{secret}/leave?lang=en", f"/t/{'x' * 22}?lang=ur"):
        await assert_axe_clean(await open_page(served.url + path, viewport=SMALL))


@on_one_loop
async def test_who_listens_to_the_page_hears_each_change_once(open_page: OpenPage, served: Served) -> None:
    served.sit("priya")
    first, _, _ = served.visitor()
    ticket, code, secret = served.visitor()
    page = await open_phone(open_page, served, secret)
    told = page.locator("#told")
    leave = page.get_by_role("link", name="Leave the queue")
    await leave.focus()
    priya = served.actor("priya")
    served.ask(priya, CallNext())
    await expect(page.locator("#place")).to_contain_text("You are next")
    await expect(told).to_be_empty()
    await expect(leave).to_be_focused()
    served.ask(priya, Arrive(ticket=first))
    served.ask(priya, Finish(ticket=first, outcome=Outcome.RESOLVED))
    served.ask(priya, CallNext())
    await expect(told).to_have_text(re.compile(rf"It is your turn\. {code}\. Please go to .*Desk\u00a01"))
    served.ask(priya, Arrive(ticket=ticket))
    await expect(told).to_have_text("You are being seen now.")


@on_one_loop
async def test_a_sound_is_promised_only_when_there_will_be_one(open_page: OpenPage, served: Served) -> None:
    _, _, secret = served.visitor()
    mute = await open_phone(open_page, served, secret, java_script_enabled=False)
    await expect(mute.locator(".keep")).to_be_hidden()
    page = await open_phone(open_page, served, secret)
    await expect(page.locator(".keep")).to_be_hidden()
    await page.click("#sound")
    await expect(page.get_by_text("It will sound when it is your turn")).to_be_visible()


@on_one_loop
async def test_a_phone_without_scripts_reloads_itself(open_page: OpenPage, served: Served) -> None:
    _, code, secret = served.visitor()
    page = await open_phone(open_page, served, secret, java_script_enabled=False)
    await expect(page.locator(".code")).to_have_text(code)
    assert await page.locator("meta[http-equiv=refresh]").get_attribute("content") == "20"
    await expect(page.locator("#sound")).to_be_hidden()


@on_one_loop
@pytest.mark.parametrize("language", list(Language))
async def test_every_language_fits_a_small_phone_at_twice_the_text(
    open_page: OpenPage, served: Served, language: Language
) -> None:
    served.sit("priya")
    served.visitor()
    _, _, secret = served.visitor(language=language)
    page = await open_phone(open_page, served, secret, viewport=SMALL)
    root = page.locator("html")
    assert await root.get_attribute("lang") == language
    assert await root.get_attribute("dir") == ("rtl" if language in ("ur", "ar") else "ltr")
    await assert_axe_clean(page)
    for size in ("112.5%", "225%"):
        await page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
        assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"], size


@on_one_loop
async def test_a_lost_line_is_said(open_page: OpenPage, served: Served, watch: Watch) -> None:
    watch.expect("WebSocket connection")
    _, _, secret = served.visitor()
    page = await open_page(viewport=PHONE)
    await page.clock.install()
    async with page.expect_websocket() as line:
        await page.goto(f"{served.url}/t/{secret}")
    await (await line.value).wait_for_event("framereceived")
    await page.context.set_offline(True)
    await page.clock.fast_forward(11_000)
    lost = page.locator("#lost")
    await expect(lost).to_be_visible()
    await expect(lost).to_contain_text("We have lost the connection")
    await page.context.set_offline(False)
    await expect(lost).to_be_hidden(timeout=10_000)


@on_one_loop
async def test_the_page_can_be_read_in_another_language(open_page: OpenPage, served: Served) -> None:
    _, _, secret = served.visitor(language=Language.PL)
    page = await open_phone(open_page, served, secret)
    await expect(page.locator("#place h1").first).to_have_text("Twój numer")
    await page.click("nav >> text=English")
    await expect(page.locator("#place h1").first).to_have_text("Your number")
    served.sit("priya")
    served.ask(served.actor("priya"), CallNext())
    await expect(page.locator(".turn h1")).to_have_text(
        "It is your turn"
    )  # what comes later is in that language too


def test_unknown_and_ended_secrets_get_one_and_the_same_answer(served: Served) -> None:
    served.sit("priya")
    ticket, _, secret = served.visitor()
    priya = served.actor("priya")
    served.ask(priya, CallNext())
    served.ask(priya, Arrive(ticket=ticket))
    served.ask(priya, Finish(ticket=ticket, outcome=Outcome.RESOLVED))
    served.set_clock(served.house.clock.now() + timedelta(hours=25))  # it asks for a day how the visit was
    with served.client() as anybody:
        for path in ("", "/now", "/leave"):
            told = {
                _told(anybody, f"/t/{key}{path}", key)
                for key in (secret, "A" * 22, "short", "x" * 180, "%00%ff%2e")
            }
            assert len(told) == 1, path
        assert told.pop()[0] == 404
        assert anybody.post(f"/t/{secret}/leave").status_code == 404


def _told(client: httpx.Client, path: str, key: str) -> tuple[int, str, tuple[str, ...]]:
    answer = client.get(path)
    headers = tuple(
        sorted(f"{k}: {v}" for k, v in answer.headers.items() if k not in ("date", "content-length"))
    )
    return answer.status_code, re.sub(r'href="/t/[^"?]*', 'href="', answer.text), headers


def test_the_page_is_kept_nowhere_and_tells_nobody_where_it_came_from(served: Served) -> None:
    _, _, secret = served.visitor()
    with served.client() as phone:
        answer = phone.get(f"/t/{secret}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-robots-tag"] == "noindex"


def test_the_page_names_no_service_of_a_discreet_visit_and_no_other_visitor(served: Served) -> None:
    _, other_code, _ = served.visitor()
    _, code, secret = served.visitor("private", discreet=True)
    with served.client() as phone:
        text = phone.get(f"/t/{secret}").text
    assert code in text
    assert other_code not in text
    assert "Talk in private" not in text
    assert "It will sound" not in text, (
        "a discreet visitor's phone stays silent, and does not promise otherwise"
    )
    assert not any(name in text for _, name, *_ in SERVICES)


def test_leaving_twice_or_while_served_changes_nothing_more(served: Served) -> None:
    served.sit("priya")
    ticket, _, secret = served.visitor()
    priya = served.actor("priya")
    served.ask(priya, CallNext())
    served.ask(priya, Arrive(ticket=ticket))
    with served.client() as phone:
        refused = phone.post(f"/t/{secret}/leave", data={"ask": "not an id"})
        assert refused.status_code == 409
        assert "You are being seen now." in refused.text
        served.ask(priya, Park(ticket=ticket))
        assert "Your place is kept" in phone.get(f"/t/{secret}").text


@pytest.mark.parametrize("language", ["xx", "../en", "en'--", "%00", "A" * 5000])
def test_a_language_that_is_none_is_passed_over(served: Served, language: str) -> None:
    _, _, secret = served.visitor(language=Language.PL)
    with served.client() as phone:
        assert "Twój numer" in phone.get(f"/t/{secret}", params={"lang": language}).text


# What everyone is told -----------------------------------------------------------------------------------------


@on_one_loop
async def test_everyone_must_leave_fills_the_phone_at_once_and_goes_when_it_is_over(
    open_page: OpenPage, served: Served
) -> None:
    served.sit("priya")
    _, code, secret = served.visitor(language=Language.PL)
    page = await open_page(viewport=SMALL)
    await page.add_init_script(_NOISE)
    await page.goto(f"{served.url}/t/{secret}")
    await page.click("#sound")
    await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    rings = await page.evaluate("window.rings")
    served.ask(served.actor("priya"), CallNext())
    await expect(page.locator(".turn")).to_be_visible()
    served.ask(served.actor("priya"), Evacuate(confirmed=True))
    notice = page.locator(".leaving")
    await expect(notice).to_be_visible(timeout=2_000)
    words = Catalogue()
    await expect(notice.locator("h1")).to_have_text(words.say("pl", "evacuation.title"))
    await expect(notice.locator("li[lang=en]")).to_have_text(words.say("en", "evacuation.title"))
    await expect(page.locator(".turn")).to_have_count(0)
    await expect(page.locator(".code")).to_have_text(code)
    await expect(page).to_have_title(re.compile(words.say("pl", "evacuation.title")))
    await page.wait_for_function("before => window.rings > before && window.buzzes.length === 2", arg=rings)
    await expect(page.locator("#told")).to_contain_text(words.say("pl", "evacuation.title"))
    await assert_axe_clean(page)
    for size in ("112.5%", "225%"):
        await page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
        assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"], size
        assert await notice.evaluate("part => part.scrollWidth <= part.clientWidth"), size
    await page.reload()
    await expect(notice).to_be_visible()
    served.ask(served.actor("grace"), Resume())
    await expect(page.locator(".turn")).to_be_visible(timeout=2_000)
    await expect(notice).to_have_count(0)
    await expect(page.locator(".told")).to_contain_text(words.say("pl", "announce.all_clear"))


@on_one_loop
async def test_a_discreet_visitors_phone_says_so_without_a_sound(open_page: OpenPage, served: Served) -> None:
    _, _, secret = served.visitor(discreet=True)
    page = await open_page(viewport=PHONE)
    await page.add_init_script(_NOISE)
    await page.goto(f"{served.url}/t/{secret}")
    await page.click("#sound")
    await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    before = await page.evaluate("[window.rings, window.buzzes.length]")
    served.ask(served.actor("priya"), Evacuate(confirmed=True))
    await expect(page.locator(".leaving")).to_be_visible()
    assert await page.evaluate("[window.rings, window.buzzes.length]") == before


@on_one_loop
async def test_announcements_come_and_go_in_the_visitors_language_or_in_english(
    open_page: OpenPage, served: Served
) -> None:
    served.sit("priya")
    _, _, secret = served.visitor(language=Language.AR)
    page = await open_phone(open_page, served, secret, viewport=SMALL)
    prepared = Announce(announcement=new_id(), prepared="long_wait")
    typed = Announce(announcement=new_id(), text="The owner of the blue Ford, please move it.")
    grace = served.actor("grace")
    served.ask(grace, prepared)
    told = page.locator(".told p")
    await expect(told).to_have_text([Catalogue().say("ar", "announce.long_wait")])
    assert await told.get_attribute("lang") == "ar"
    await expect(page.locator("#told")).to_contain_text(Catalogue().say("ar", "announce.long_wait"))
    served.ask(grace, typed)
    await expect(told).to_have_count(2)
    english = page.locator(".told p[lang=en]")
    await expect(english).to_have_text("The owner of the blue Ford, please move it.")
    assert await english.get_attribute("dir") == "ltr"
    await assert_axe_clean(page)
    await page.evaluate("document.documentElement.style.fontSize = '225%'")
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    served.ask(served.actor("priya"), CallNext())
    await expect(page.locator(".turn")).to_be_visible()
    first = await page.evaluate("document.querySelector('.place').firstElementChild.className")
    assert first.startswith("turn"), "an announcement never stands before the call"
    for each in (prepared, typed):
        served.ask(grace, EndAnnouncement(announcement=each.announcement))
    await expect(told).to_have_count(0)


def test_a_phone_without_scripts_reads_it_all_too(served: Served) -> None:
    _, _, secret = served.visitor(language=Language.GU)
    served.ask(served.actor("grace"), Announce(announcement=new_id(), text="<b>Hello</b> & welcome."))
    served.ask(served.actor("priya"), Evacuate(confirmed=True))
    with served.client() as phone:
        text = phone.get(f"/t/{secret}").text
    assert "&lt;b&gt;Hello&lt;/b&gt; &amp; welcome." in text
    assert Catalogue().say("gu", "evacuation.title") in text
    assert Catalogue().say("en", "evacuation.title") in text
