"""A kiosk's screen as a visitor meets it: what stands on it, and pressing what one reads there. By the dev dock, with real touches."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

from tests.support.waiting import until_async

READ_SECONDS = 0.6
"""A visitor looks before touching; a touch right after the screen changed was meant for the one before, and does not count."""

KEY_SECONDS = 0.2
"""Between two keys: the kiosk takes quicker ones for a bounce."""


class KioskScreen:
    def __init__(self, address: str) -> None:
        self.address = address

    async def state(self) -> dict[str, Any]:
        """Empty while the kiosk does not answer."""
        return await asyncio.to_thread(self._get_state)

    def _get_state(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"{self.address}/state", timeout=5) as answer:
                seen: dict[str, Any] = json.load(answer)
                return seen
        except (OSError, ValueError):
            return {}

    async def shows(self, screen: str, seconds: float = 20.0, **more: Any) -> dict[str, Any]:
        """Wait until this screen stands there, with these values besides."""
        last: dict[str, Any] = {}

        async def there() -> object:
            nonlocal last
            last = await self.state()
            return last.get("screen") == screen and all(
                last.get(name) == value for name, value in more.items()
            )

        try:
            await until_async(there, seconds, f"the kiosk's screen {screen} {more}")
        except AssertionError as late:
            raise AssertionError(f"{late}; it shows {last}") from None
        return last

    async def press(self, text: str, seconds: float = 10.0) -> None:
        """Touch the button that says `text`, once it is there."""
        found: dict[str, Any] = {}
        since: tuple[int, float] = (-1, 0.0)
        loop = asyncio.get_running_loop()

        async def there() -> object:
            nonlocal found, since
            seen = await self.state()
            if seen.get("generation", -1) != since[0]:
                since = (seen.get("generation", -1), loop.time())
            presses = seen.get("presses", ())
            exact = (each for each in presses if each["text"] == text)  # the key D is not "Delete"
            found = next(exact, {}) or next((each for each in presses if each["text"].startswith(text)), {})
            return bool(found) and loop.time() - since[1] > READ_SECONDS

        await until_async(there, seconds, f"a button {text!r} on {self.address}")
        await self._post("/touch", {"x": found["x"], "y": found["y"]})

    async def type(self, text: str) -> None:
        """Key after key, as fast as the screen takes them; keys may be touched without looking first."""
        await self.press(text[0])
        keys = {each["text"]: each for each in (await self.state())["presses"]}
        for sign in text[1:]:
            await asyncio.sleep(KEY_SECONDS)
            await self._post("/touch", {"x": keys[sign]["x"], "y": keys[sign]["y"]})

    async def lever(self, name: str, on: bool) -> None:
        await self._post("/lever", {"name": name, "on": on})

    async def hold(self, text: str, by: str) -> None:
        """A code with this text before the "camera" or the "scanner"."""
        await self._post("/hold", {"text": text, "by": by})

    async def says(self, title: str) -> None:
        """Wait until a checking-in is answered by this sentence (its key) and not by a ticket."""
        await self.shows("told", told=title)

    async def picture(self) -> bytes:
        def fetch() -> bytes:
            with urllib.request.urlopen(f"{self.address}/screen.png", timeout=25) as answer:
                return bytes(answer.read())

        return await asyncio.to_thread(fetch)

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}{path}", json.dumps(body).encode(), headers)

        def send() -> None:
            with urllib.request.urlopen(request, timeout=10):
                pass

        try:
            await asyncio.to_thread(send)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"the dock refused {path} {body}: {error.read()!r}") from None

    # Whole ways -----------------------------------------------------------------------------------------------

    async def take_ticket(self, language: str = "English", *ways: str) -> dict[str, Any]:
        """From the start screen to a ticket; `ways` are what is pressed after the language. What then stands there."""
        await self.shows("start")
        await self.press(language)
        await self.shows("needs")
        for way in ways or ("A school place",):
            await self.press(way)
        return await self.shows("ticket")

    async def leave(self) -> None:
        """The visitor goes away with the ticket; the screen is the next one's."""
        await self.press("Finish")
        await self.shows("start")

    async def press_until_ticket(self, *ways: str) -> dict[str, Any]:
        """On the private way: what is pressed after the wish, as far as it is asked."""
        for way in ways:
            state = await self.state()
            if state.get("screen") == "ticket":
                break
            if any(each["text"].startswith(way) for each in state.get("presses", ())):
                await self.press(way)
        return await self.shows("ticket")
