"""What one server process keeps to itself is decided, one by one: with several servers on one database another would not know of it.

Every name at a module's top that can change, and every field of the parts that live as long as the process, stands in the table of docs/several-servers.md with what
was decided. Whoever adds one decides it there: it may differ between processes and this is why it may, or it belongs into the database.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.repo.tree import python_files, read, tree

DECIDED = Path("docs/several-servers.md")
CHANGES = frozenset(
    {
        *(
            "dict",
            "list",
            "set",
            "deque",
            "defaultdict",
            "OrderedDict",
            "Counter",
            "WeakKeyDictionary",
            "WeakSet",
        ),
        *(
            "WeakValueDictionary",
            "Semaphore",
            "Lock",
            "Event",
            "Queue",
            "SimpleQueue",
            "local",
            "count",
            "cycle",
        ),
        *(
            "ThreadPoolExecutor",
            "ProcessPoolExecutor",
            "Throttle",
            "Previews",
            "token_bytes",
            "token_urlsafe",
            "Random",
        ),
    }
)
"""What can change, or is another in each process, whatever it is called."""
COMMANDS = re.compile(r"server/(cli\w*\.py|web/commands\.py|store/migrations/)")
"""What runs once and ends."""
STANDS = frozenset({"router", "log"})
LONG_LIVED = frozenset(
    {
        "House",
        "Hub",
        "Identity",
        "FloorReader",
        "Lane",
        "Process",
        "Readiness",
        "Turns",
        "Speaker",
        "Throttle",
        "Limits",
    }
)


def _called(value: ast.expr | None) -> str:
    if isinstance(value, ast.Call):
        name = value.func.value if isinstance(value.func, ast.Subscript) else value.func
        return ast.unparse(name).rpartition(".")[2]
    return ""


def _can_change(name: str, value: ast.expr | None) -> bool:
    empty = isinstance(value, ast.Dict | ast.List | ast.Set) and not ast.unparse(value).strip("{}[]")
    own = name.islower() and bool(_called(value)) and name not in STANDS
    return empty or own or _called(value) in CHANGES


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    for node in body:
        if isinstance(node, ast.Assign):
            yield from ((ast.unparse(target), node.value) for target in node.targets)
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target), node.value


def _fields(of: ast.ClassDef) -> Iterator[str]:
    """What an instance keeps that can change: containers, tools of concurrency, and what its methods set anew."""
    for name, value in _assigned(of.body):
        if _called(value) == "field" and "default_factory" in ast.unparse(value or of):
            yield name
    for node in ast.walk(of):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for name, value in _assigned([node]):
                if name.startswith("self.") and name.count(".") == 1 and _can_change("", value):
                    yield name.removeprefix("self.")


def kept_by_a_process() -> set[str]:
    found: set[str] = set()
    for path in python_files():
        if path.parts[0] != "server" or COMMANDS.match(str(path)):
            continue
        module = tree(path)
        found |= {f"{path}:{name}" for name, value in _assigned(module.body) if _can_change(name, value)}
        found |= {
            f"{path}:{name}"
            for node in ast.walk(module)
            if isinstance(node, ast.Global)
            for name in node.names
        }
        for node in module.body:
            if isinstance(node, ast.ClassDef) and node.name in LONG_LIVED:
                found |= {f"{path}:{node.name}.{name}" for name in _fields(node)}
    return found


def decided() -> set[str]:
    return set(re.findall(r"`(server/[\w/]+\.py:[\w.]+)`", read(DECIDED)))


def test_whatever_a_process_keeps_to_itself_is_decided() -> None:
    undecided = sorted(kept_by_a_process() - decided())
    assert not undecided, f"decide these in {DECIDED}: {undecided}"


def test_nothing_is_decided_that_is_not_there_any_more() -> None:
    assert sorted(decided() - kept_by_a_process()) == []


def test_a_new_one_would_be_found() -> None:
    for line in (
        "_seen = {}",
        "_seen: dict[str, int] = {}",
        "ROOM = asyncio.Semaphore(2)",
        "_limit = Throttle(1, 2)",
        "_a = _Room()",
    ):
        (name, value), *_ = _assigned(ast.parse(line).body)
        assert _can_change(name, value), line
    for line in ("MOST = 4", "NAMES = {'a': 1}", "router = APIRouter()", "_ONE = Statement('')"):
        (name, value), *_ = _assigned(ast.parse(line).body)
        assert not _can_change(name, value), line
