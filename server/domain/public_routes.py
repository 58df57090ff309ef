"""The pages that are for the public: whoever asks gets them. What they show is found by a secret in the address, by a cookie, or is everybody's.

A list of its own, so that it can be read at a glance what a stranger on the internet reaches; every other route names its roles in `server.domain.access`.
"""

from __future__ import annotations

PUBLIC: tuple[tuple[str, str], ...] = (
    # A visitor's phone: the secret in the address is the key, and the page looks it up itself.
    ("GET", "/t/{secret}"),
    ("GET", "/t/{secret}/now"),
    ("GET", "/t/{secret}/text"),
    ("POST", "/t/{secret}/text"),
    ("GET", "/t/{secret}/leave"),
    ("POST", "/t/{secret}/leave"),
    # How a visit was: asked of everybody, of a phone once for its own ticket.
    ("GET", "/how-was-it/{centre}"),
    ("POST", "/how-was-it/{centre}"),
    ("POST", "/t/{secret}/how"),
    # What became of a complaint: asked for by its reference, which is in no address.
    ("GET", "/what-became-of-it"),
    ("POST", "/what-became-of-it"),
    # Whoever books an appointment has a form's cookie; whoever changes one has its link.
    ("GET", "/book"),
    ("POST", "/book"),
    ("GET", "/book/look/{name}"),
    ("GET", "/book/where"),
    ("POST", "/book/where"),
    ("GET", "/book/when"),
    ("POST", "/book/when"),
    ("POST", "/book/keep"),
    ("GET", "/book/you/{step}"),
    ("POST", "/book/you/{step}"),
    ("GET", "/book/check"),
    ("POST", "/book/check"),
    ("GET", "/book/done"),
    ("GET", "/forms"),
    ("GET", "/forms/{slug}"),
    ("POST", "/forms/{slug}"),
    ("GET", "/forms/{slug}/fill"),
    ("GET", "/forms/{slug}/fill/{spot}"),
    ("POST", "/forms/{slug}/fill/{spot}"),
    ("GET", "/forms/{slug}/file/{name}"),
    ("GET", "/forms/{slug}/receipt"),
    ("POST", "/forms/{slug}/receipt"),
    ("GET", "/forms/{slug}/check"),
    ("POST", "/forms/{slug}/check"),
    ("GET", "/forms/{slug}/done"),
    ("GET", "/forms/{slug}/person"),
    ("POST", "/forms/{slug}/person"),
    ("GET", "/forms/{slug}/stop"),
    ("POST", "/forms/{slug}/stop"),
    ("GET", "/carry-on/{secret}"),
    ("POST", "/carry-on/{secret}"),
    ("GET", "/book/wish"),
    ("POST", "/book/wish"),
    ("GET", "/book/wish/{link}"),
    ("POST", "/book/wish/{link}"),
    ("GET", "/book/find"),
    ("POST", "/book/find"),
    ("GET", "/b/{link}"),
    ("GET", "/b/{link}/appointment.ics"),
    ("GET", "/b/{link}/move"),
    ("POST", "/b/{link}/move"),
    ("GET", "/b/{link}/cancel"),
    ("POST", "/b/{link}/cancel"),
    ("GET", "/check-in/{reference}"),
)
