"""Tables, the two databases, migrations and the hot path's SQL."""
