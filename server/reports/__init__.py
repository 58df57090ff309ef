"""Figures as files that somebody takes away: CSV, XLSX, a tagged PDF, JSON. No SQL and no route: a `Booklet` goes in, bytes come out.

A booklet is the very `Figure`s that the pages show, chapter by chapter; a file adds nothing to them and leaves nothing out. `press` makes the slow ones in a process of its
own at low priority, so that the floor does not feel it, and can be stopped in the middle.
"""

from server.reports.booklet import Booklet, Chapter, Form, Made
from server.reports.making import make

__all__ = ["Booklet", "Chapter", "Form", "Made", "make"]
