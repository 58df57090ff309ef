"""Looks the house over: `foyer doctor` for a person at a terminal, and every minute for `/admin/house`.

Each check measures facts and comes to verdicts; the rules that judge are functions without any input or output, and tested as such. Checks run side by
side with a time each, so one that hangs (a mail server that never answers) holds nobody up and is said to hang. Nothing is changed by looking: the
database is opened so that it cannot be written to and its writer is never waited for, no message is sent, no file made.
"""

from __future__ import annotations
