"""Drivers. `receipt` speaks ESC/POS over any of the links (`network`, `usb`, `serial`), `cups` hands over to
a print queue, `standin` plays the printer's part over real TCP, and `simulated` is a real driver wired to a
stand-in.
"""
