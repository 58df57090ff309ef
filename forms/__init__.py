"""Self-service forms: what a form is, how its document is read, and every rule of filling one in. No screen, no page, no store: a kiosk and a
browser draw the same form from here, and the server judges what came from either by the same rules again.
"""
