"""What lies under the page camera: chosen at the dock from the pictures and films of its folder.

What the camera sees is shown small beside it, as the kiosk itself would get it: black, frozen or upside down when those levers are down.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hardware.devices import SimulatedPlate
from kiosk.devdock.http import Refusal, Response

if TYPE_CHECKING:
    from kiosk.run import Runner

WIDE = 480
MOST_NAME = 200


class PlatePanel:
    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def seen(self) -> dict[str, Any] | None:
        """What can be laid there and what lies there; None where no simulated camera is."""
        plate = self._runner.plate
        if not isinstance(plate, SimulatedPlate):
            return None
        return {"pictures": plate.pictures(), "lies": plate.lies()}

    async def lay(self, body: Any) -> None:
        """`{"name": ...}`; an empty name takes away what lies there, `{"next": true}` lays the next one."""
        plate = self._plate()
        wanted = body if isinstance(body, dict) else {}
        if wanted.get("next") is True:
            await asyncio.to_thread(plate.lay_next)
            return
        name = wanted.get("name")
        if not isinstance(name, str) or len(name) > MOST_NAME:
            raise Refusal(400, "say which picture is laid on the plate")
        try:
            await asyncio.to_thread(plate.lay, name)
        except ValueError as error:
            raise Refusal(404, str(error)) from None

    async def picture(self) -> Response:
        self._plate()
        return Response(await asyncio.to_thread(self._small), "image/jpeg")

    def _small(self) -> bytes:
        import cv2

        picture = self._runner.plate.look().picture
        if picture is None:
            raise Refusal(404, "it gives no picture")
        high, wide = picture.shape[:2]
        small = cv2.resize(picture, (WIDE, max(1, WIDE * high // wide)), interpolation=cv2.INTER_AREA)
        return bytes(cv2.imencode(".jpg", small)[1].tobytes())

    def _plate(self) -> SimulatedPlate:
        plate = self._runner.plate
        if not isinstance(plate, SimulatedPlate):
            raise Refusal(404, "this kiosk has no simulated page camera")
        return plate
