"""What staff ask about papers they only look at. Re-exported by `wire.asks`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from wire.body import Body, Id, Reason, Reference


class SeePaper(Body):
    """ "Seen, not kept": who asks saw this paper of a visitor, and no picture was made. For a case as staff name it, the ticket they serve, or a
    submission; one of them must be told."""

    do: Literal["see_paper"] = "see_paper"
    sighting: Id
    seen: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]
    """A word of `server.domain.sightings.PAPERS`."""
    case: Reference = ""
    ticket: Id | None = None
    submission: Id | None = None


class UnseePaper(Body):
    """Take a sighting back: it was another paper, or another case. The row stays, with who took it back and why."""

    do: Literal["unsee_paper"] = "unsee_paper"
    sighting: Id
    reason: Reason
