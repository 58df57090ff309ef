"""`python -m forms.check FILE ...`: says everything that is wrong with forms, a line each, and exits 1; says nothing of those that are right."""

from __future__ import annotations

import sys
from pathlib import Path

from forms.form import Form
from forms.reading import read_form


def main(files: list[str]) -> int:
    if not files:
        sys.stdout.write("Say which files: python -m forms.check forms/library/*.yaml\n")
        return 2
    wrong = False
    for name in files:
        try:
            found = read_form(Path(name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            sys.stdout.write(f"{name}: cannot be read: {error}.\n")
            wrong = True
            continue
        if not isinstance(found, Form):
            wrong = True
            sys.stdout.writelines(f"{name}: {fault}\n" for fault in found)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
