"""A server that starts reads the newest revision off the files' names; Alembic must find the same."""

from pathlib import Path

from alembic.script import ScriptDirectory

from server.store import schema

FOLDER = Path(schema.__file__).parent / "migrations"


def test_the_newest_file_is_alembics_head() -> None:
    scripts = ScriptDirectory(str(FOLDER))
    assert scripts.get_heads() == [schema.head()]
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")
