"""Mirrors the tree; `support/` holds the shared real parts (databases, browser, processes), `repo/` the
laws of the house.
"""
