"""Which kind of browser and machine somebody is signed in at, in words that person knows: "Firefox on a Windows computer".

Told from what the browser says of itself, by a list of ours. Of the rest (versions, models, builds), which would tell one machine from all others, nothing is
kept; nor does anything depend on these words, for a browser may say what it likes.
"""

from __future__ import annotations

UNKNOWN = "An unknown browser"
MOST = 60

# In this order: each names those after it as well, so as to be served like them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung's browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_MACHINES = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "an Android tablet"),
    ("CrOS", "a Chromebook"),
    ("Windows", "a Windows computer"),
    ("Macintosh", "a Mac"),
    ("Linux", "a Linux computer"),
)


def said_of(user_agent: str) -> str:
    """At most `MOST` letters, from the list alone."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    machine = next((name for sign, name in _MACHINES if sign in user_agent), "")
    if machine == "an Android tablet" and "Mobile" in user_agent:
        machine = "an Android phone"
    if not browser and not machine:
        return UNKNOWN
    return f"{browser or UNKNOWN} on {machine or 'an unknown machine'}"
