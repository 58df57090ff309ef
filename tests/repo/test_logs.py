"""What our own lines of the log may hold: a sentence that stands in the code, and into it only what is on this list.

Whoever wants to write something else into the log adds it here, and thinks of whether it could ever be somebody's: a visitor's word, a name, a number, an
address of theirs, or an exception's message, which may repeat any of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.repo.tree import ROOT

AGREED = frozenset(
    {
        # Numbers.
        "centre", "len(batch)", "whole", "whole - len(missing)", "MOST_SECONDS", "answer.status_code", "label.size", "self.config.port",
        "head", "now", "head()", "count", "number", "len(gone)", "gone", "centre.id", "hook", "service", "due.plan",
        # Words of ours: an ask's or a job's name, a route as it is written, a release, a kind of exception or of fault.
        "type(error).__name__", "job.name", "request.method", "_kind_of_page(request)", "fault.kind", "fault.say", "fault.act",
        "check.name", "why_not",
        "connection.scope.get('method')", "route_path(connection)", "route_path(request)", "method", "route", "status", "caller.actor.kind", "version()", "', '.join(renewed)", "found.kind", "name", "kind", "work", "job",
        # What an administrator called things of the house: a centre, a team, a language, a voice.
        "slug", "team", "team.slug", "key[1]", "laid[0].team.slug", "wanted", "found or 'none'", "voice", "folder",
        # Days.
        "day", "gone[-1]",
        # Sentences that we wrote ourselves, for whoever runs the machine.
        "refused.refusal.say", "subject", "say", "act", "error.why", "refused.why", "why", "error.strerror",
        "'compared' if label.checked_at else 'not compared'",
    }
)  # fmt: skip
NOT_THE_SERVERS = ("server/cli",)
OWN_SENTENCES = ("server/jobs/renewing.py", "server/jobs/backing_up.py")
"""Where an exception of ours (`...Unusable`) is written, whose message is such a sentence."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / "server").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where.startswith(NOT_THE_SERVERS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "logger", "logging")
                and node.func.attr in ("debug", "info", "warning", "error", "exception", "critical", "log")
            ):
                yield f"{where}:{node.lineno}", node


def test_a_line_is_a_sentence_of_ours_with_what_was_agreed_in_it() -> None:
    seen = 0
    for where, call in calls():
        seen += 1
        first, *others = call.args
        assert isinstance(first, ast.Constant), (
            f"{where}: write the sentence out, so that it is known what it holds"
        )
        for each in others:
            text = ast.unparse(each)
            agreed = text in AGREED or (text == "error" and where.startswith(OWN_SENTENCES))
            assert agreed, f"{where}: may '{text}' be in the log? See the list in {Path(__file__).name}"
        extra = {each.arg for each in call.keywords} - {"exc_info"}
        assert not extra, f"{where}: {extra} would not be written"
    assert seen > 60


def test_nobody_prints_and_every_logger_is_ours() -> None:
    for path in sorted((ROOT / "server").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for line in text.splitlines():
            if "logging.getLogger(" in line and line.startswith("log "):
                assert 'getLogger("foyer' in line, path
