"""Every route and socket of the application, in one place; who may use which stands in `server.domain.access.ROUTES`."""

from __future__ import annotations

from fastapi import FastAPI

from server.web.socket import device_socket, phone_socket, staff_socket


def attach(app: FastAPI) -> None:
    """Give `app` its sockets, pages, JSON and static files."""
    app.add_api_websocket_route("/ws/device", device_socket)
    app.add_api_websocket_route("/ws/staff", staff_socket)
    app.add_api_websocket_route("/ws/t/{secret}", phone_socket)
