"""Printers (and later scanners and cameras) behind Protocols; how they are and what they did are values.

`devices` says what a kiosk may expect, `catalogue.build` chooses what it gets. This room imports nothing of
ours.
"""
