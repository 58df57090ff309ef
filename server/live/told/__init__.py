"""Told: one module a page of figures, each reading what its builder in `server.domain.telling` needs. `read(connection, centre, asked) -> list[Figure]`."""
