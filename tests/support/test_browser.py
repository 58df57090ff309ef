"""The watch over pages catches what it is there to catch: here pages misbehave on purpose."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Error

from tests.support.browser import OpenPage, Watch, assert_axe_clean, axe_faults, on_one_loop
from tests.support.waiting import until_async

pytestmark = on_one_loop
POLICY = "default-src 'self'; connect-src *"
GOOD = "<!doctype html><html lang=en><title>Lobby</title><main><h1>Now calling</h1><p>K07</p></main></html>"

Serve = Callable[[str], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(html)` answers the address of a page that shows it, under a strict policy."""
    pages: list[str] = []

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path[1:].isdigit()
            self.send_response(200 if found or self.path == "/favicon.ico" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(pages[int(self.path[1:])].encode() if found else b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    def add(html: str) -> str:
        pages.append(html)
        return f"http://127.0.0.1:{server.server_port}/{len(pages) - 1}"

    yield add
    server.shutdown()
    server.server_close()


def taken(watch: Watch) -> str:
    """The faults so far, taken off the watch so that this test does not fail for them or their echoes."""
    said = "\n".join(watch.faults)
    watch.faults.clear()
    watch.expect("")
    return said


async def test_a_good_page_is_left_in_peace(open_page: OpenPage, serve: Serve) -> None:
    page = await open_page(serve(GOOD), viewport={"width": 1920, "height": 1080})
    await assert_axe_clean(page)
    assert await page.inner_text("h1") == "Now calling"


async def test_a_request_to_another_machine_is_stopped_and_noted(
    open_page: OpenPage, watch: Watch, serve: Serve
) -> None:
    page = await open_page(serve(GOOD))
    for address in ("http://example.org/x.js", "http://192.0.2.1/x.js"):
        with pytest.raises(Error, match="Failed to fetch"):
            await page.evaluate("address => fetch(address).then(answer => answer.status)", address)
        assert f"asked another machine: {address}" in taken(watch)


async def test_a_socket_to_another_machine_is_noted(open_page: OpenPage, watch: Watch, serve: Serve) -> None:
    page = await open_page(serve(GOOD))
    await page.evaluate(
        "new Promise(done => { new WebSocket('ws://192.0.2.1/live').onerror = () => done() })"
    )
    assert "asked another machine: ws://192.0.2.1/live" in taken(watch)


async def test_inline_script_is_a_breach_of_the_policy(
    open_page: OpenPage, watch: Watch, serve: Serve
) -> None:
    await open_page(serve(GOOD.replace("</main>", "<script>document.title = 'changed'</script></main>")))
    await until_async(lambda: watch.faults, what="the breach being noted")
    assert "Content Security Policy" in taken(watch)


async def test_an_exception_in_a_script_is_noted(open_page: OpenPage, watch: Watch, serve: Serve) -> None:
    page = await open_page(serve(GOOD))
    await page.evaluate("setTimeout(() => { throw new Error('lost the feed') })")
    await until_async(lambda: watch.faults, what="the exception being noted")
    assert "lost the feed" in taken(watch)


async def test_an_expected_error_is_let_through_and_no_other(
    open_page: OpenPage, watch: Watch, serve: Serve
) -> None:
    watch.expect("status of 404")
    page = await open_page(serve(GOOD))
    await page.evaluate("fetch('/missing')")
    await page.evaluate("console.error('something else')")
    await until_async(lambda: watch.faults, what="the other error being noted")
    said = taken(watch)
    assert "something else" in said
    assert "404" not in said


async def test_what_some_cannot_use_is_found(open_page: OpenPage, serve: Serve) -> None:
    html = GOOD.replace("</main>", "<img src=/favicon.ico><button></button></main>").replace(" lang=en", "")
    page = await open_page(serve(html))
    found = {fault.partition(" ")[0] for fault in await axe_faults(page)}
    assert {"image-alt", "button-name", "html-has-lang"} <= found
