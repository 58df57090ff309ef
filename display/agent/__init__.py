"""The program beside a display's browser: `python -m display.agent ... -- chromium ...`.

It starts Chromium as its child and holds its controls by a pipe that nobody else has (no port is opened), so it can see what no supervisor sees: a page
that hangs, a tab that crashed, a window that somebody opened over the board. `judging` decides, purely; `browser` speaks to Chromium; `__main__`
does what was decided, switches the panel, and feeds the supervisor's watchdog while pictures are really drawn.
"""
