"""The lobby board, the sign over a counter and their set-up page: HTML, styles and ES modules, no build step.

Browsers run what is in `static/`; `server.web.pages.display` serves it. This file only makes the folder a package,
so that an installed Foyer carries it.
"""
