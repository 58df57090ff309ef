"""The order of counters, areas and messages, as the form says it after the button that was pressed: up or down one place.

The first screen has a form of its own, because there a service also moves from one choice to another.
"""

from __future__ import annotations

from starlette.datastructures import FormData

from server.web.gate import text_of


def order_of(form: FormData) -> list[str]:
    """Slugs in the order of the form. `move` is `up desk-3` or `down desk-3`; over the edge nothing moves."""
    order = [each for each in form.getlist("order") if isinstance(each, str)]
    way, _, slug = text_of(form, "move", 60).partition(" ")
    if way in ("up", "down") and slug in order:
        at = order.index(slug)
        to = at - 1 if way == "up" else at + 1
        if 0 <= to < len(order):
            order[at], order[to] = order[to], order[at]
    return order
