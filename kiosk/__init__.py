"""The kiosk: where a visitor takes a ticket.

`flow/` decides (pure), `screens/` and `widgets/` show, `journal/` remembers, `link.py` talks to the
server, `run.py` does what the flow decided, `app.py` starts it all. The kiosk never imports the server: it
carries on without it for days.
"""
