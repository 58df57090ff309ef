"""The hot path's statements, one module a noun."""
