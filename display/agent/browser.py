"""Chromium as a child, held by its debugging pipe (two file descriptors, messages of JSON ended by a zero byte).

Besides asking the page, it keeps the screen to one page: a further window or tab is closed as soon as it is there, a dialog is answered, a file
chooser does not open, nothing is downloaded. Those are the last of several walls (the browser's own policies come first), and they hold for whoever
finds a keyboard.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Sequence
from typing import Any

log = logging.getLogger("foyer.display")

START_SECONDS = 30.0
MOST_MESSAGE = 16 * 1024 * 1024
PLACED = 'exec "$@" 3</proc/self/fd/{} 4>/proc/self/fd/{}'
"""Chromium reads commands from descriptor 3 and answers on 4."""


class Gone(Exception):
    """The browser has ended, or its pipe has."""


class Browser:
    def __init__(self, command: Sequence[str]) -> None:
        self._command = (*command, "--remote-debugging-pipe")
        self._numbers = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session = ""
        self._target = ""
        self._there = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.closed_windows = 0
        self.crashed = False
        """The page's own process has died; a page that is loaded anew gets another."""

    async def start(self) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        high_in, high_out = (_above(each) for each in (theirs_in, theirs_out))

        self.process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", PLACED.format(high_in, high_out), "browser", *self._command),
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=(high_in, high_out),
            start_new_session=True,
        )
        for each in (high_in, high_out):
            os.close(each)
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=MOST_MESSAGE)
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._reader), os.fdopen(ours_in, "rb", buffering=0)
        )
        self._out, _ = await loop.connect_write_pipe(
            asyncio.BaseProtocol, os.fdopen(ours_out, "wb", buffering=0)
        )
        self._listening = asyncio.create_task(self._listen())
        async with asyncio.timeout(START_SECONDS):
            await self._ask("Target.setDiscoverTargets", {"discover": True})
            await self._ask(
                "Target.setAutoAttach",
                {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True},
            )
            await self._there.wait()
            await self._ask("Browser.setDownloadBehavior", {"behavior": "deny"})

    async def end(self) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, *self._tasks, return_exceptions=True)
        self._out.close()
        if self.process.returncode is None:
            self.process.terminate()
            try:
                async with asyncio.timeout(5):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
                await self.process.wait()

    # The page -----------------------------------------------------------------------------------------------

    async def evaluate(self, expression: str) -> Any:
        """What the page makes of it (a promise is awaited)."""
        asked = {"expression": expression, "returnByValue": True, "awaitPromise": True, "silent": True}
        answer = await self._ask("Runtime.evaluate", asked, self._session)
        return answer.get("result", {}).get("value")

    async def go(self, url: str) -> None:
        await self._ask("Page.navigate", {"url": url}, self._session)

    async def reload(self) -> None:
        self.crashed = False
        await self._ask("Page.reload", {"ignoreCache": True}, self._session)

    async def alone(self) -> bool:
        """Whether there is no page but the screen's. Any other is asked once more to close: one may have stayed because of a dialog before it."""
        told = await self._ask("Target.getTargets", {})
        others = [
            each["targetId"]
            for each in told.get("targetInfos", ())
            if each["type"] == "page" and each["targetId"] != self._target
        ]
        for each in others:
            await self._ask("Target.closeTarget", {"targetId": each})
        return not others

    # The pipe -----------------------------------------------------------------------------------------------

    async def _ask(self, method: str, parameters: dict[str, Any], session: str = "") -> dict[str, Any]:
        if self.process.returncode is not None or self._listening.done():
            raise Gone  # nobody would hear the answer
        self._numbers += 1
        number = self._numbers
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        try:
            return await future
        finally:
            self._waiting.pop(number, None)

    async def _listen(self) -> None:
        try:
            while True:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                waiting = self._waiting.get(message.get("id", -1))
                if waiting is not None and not waiting.done():
                    waiting.set_result(message.get("result", {}))
                elif "method" in message:
                    self._happened(message["method"], message.get("params", {}), message.get("sessionId", ""))
        except (
            asyncio.IncompleteReadError, asyncio.LimitOverrunError, LookupError, ValueError, OSError,
        ) as error:  # fmt: skip
            log.info("the browser's pipe has ended: %s", type(error).__name__)
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Gone())

    def _happened(self, method: str, said: dict[str, Any], session: str) -> None:
        if method == "Target.attachedToTarget":
            self._attached(said["targetInfo"], said["sessionId"])
        elif method == "Target.targetDestroyed" and said.get("targetId") == self._target:
            log.warning("somebody closed the page")
            self._target = ""
            self._listening.cancel()
        elif method in ("Target.targetCrashed", "Inspector.targetCrashed"):
            self.crashed = self.crashed or session == self._session or said.get("targetId") == self._target
        elif method == "Page.javascriptDialogOpening":
            self._later("Page.handleJavaScriptDialog", {"accept": False}, session)

    def _attached(self, target: dict[str, Any], session: str) -> None:
        if target["type"] != "page":
            return
        if self._target and target["targetId"] != self._target:
            log.warning("closing a window that is not the screen's")
            self.closed_windows += 1
            self._later("Target.closeTarget", {"targetId": target["targetId"]})
            return
        self._target, self._session = target["targetId"], session
        for method in ("Page.enable", "Inspector.enable"):
            self._later(method, {}, session)
        self._later("Page.setInterceptFileChooserDialog", {"enabled": True}, session)
        self._there.set()

    def _later(self, method: str, parameters: dict[str, Any], session: str = "") -> None:
        task = asyncio.get_running_loop().create_task(self._asked(method, parameters, session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _asked(self, method: str, parameters: dict[str, Any], session: str) -> None:
        try:
            await self._ask(method, parameters, session)
        except Gone:
            log.info("the browser has gone")


def _above(descriptor: int) -> int:
    """The same pipe at a number that does not stand in the way of 3 and 4."""
    import fcntl

    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(descriptor)
    return high
