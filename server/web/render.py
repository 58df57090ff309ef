"""Pages made of templates: one environment, one way to answer with a page.

Templates get what a page always needs (who looks, their form token, the centre) and filters that turn instants into words. Everything is
escaped; there is no way around it in any template. A chart is markup of our own making, which escapes every word in it (`server.charts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from server.charts import draw
from server.clock import from_micros
from server.domain import access, spans
from server.domain.asked import query_of
from server.domain.definitions import DEFINITIONS
from server.domain.figure import Chart
from server.domain.telling.writing import written
from server.web import labels as words
from server.web import navigation
from server.web.gate import house_of
from server.web.identity import Caller
from wire.vocabulary import Role, new_id

MINUTE = 60_000_000
_FOLDER = Path(__file__).parent / "templates"


def minutes(micros: int | None) -> str:
    """`0 min`, `7 min`, `1 h 05`: short enough for a table."""
    whole = max(0, micros or 0) // MINUTE
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02d}"


def ticking(micros: int | None) -> str:
    """`0:45`, `12:03`, `1:02:03`: what a running clock shows."""
    seconds = max(0, micros or 0) // 1_000_000
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def clock_time(at: int | datetime, zone: ZoneInfo) -> str:
    local = (from_micros(at) if isinstance(at, int) else at).astimezone(zone)
    return f"{local:%H:%M}"


def day_and_time(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %H:%M}"


def chart(spec: Chart, key: str, title: str, text: str) -> Markup:
    """A chart spec as SVG. `key` tells its ids from those of other charts on the page."""
    return Markup(draw(spec, key, title, text))


_environment = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(
    minutes=minutes, ticking=ticking, clock_time=clock_time, day_and_time=day_and_time, deed=words.deed
)
_environment.filters.update(chart=chart, written=written, said_span=spans.say)
_environment.globals.update(query_of=query_of, definition_of=DEFINITIONS.get)
_environment.globals.update(words=words, new_id=new_id, Role=Role, access=access, navigation=navigation)


def add_filters(**filters: Callable[..., Any]) -> None:
    """Filters of one room of pages, known to all templates."""
    _environment.filters.update(filters)


def render(template: str, context: Mapping[str, Any]) -> str:
    return _environment.get_template(template).render(context)


def page(
    connection: HTTPConnection, template: str, *, status: int = 200, said: str = "", **context: Any
) -> HTMLResponse:
    """Answer with a page. `said` is a sentence shown on top: why something was refused."""
    caller: Caller | None = getattr(connection.state, "caller", None)
    settings = house_of(connection).settings
    always = {
        "caller": caller,
        "actor": caller.actor if caller else access.NOBODY,
        "csrf": caller.csrf if caller else "",
        "path": connection.url.path,
        "said": said,
        "demo": settings.demo,
        "grave": house_of(connection).process.grave,
        "sso": bool(settings.sso_issuer),
        "sso_name": settings.sso_name,
        "speed": settings.clock_speed,
        "idle_minutes": round(settings.idle_minutes / settings.clock_speed),  # as a watch has them
    }
    return HTMLResponse(render(template, {**always, **context}), status_code=status)
