"""The contract between kiosks, displays, staff pages and the server.

Everything that crosses a socket is defined here and nowhere else: the words (`vocabulary`), the frames (`frames`), what
each audience may be shown (`rows`), what may be asked (`asks`) and how a screen keeps in step (`follow`). It imports only
the standard library and pydantic, so a kiosk can carry it without carrying the server.
"""
