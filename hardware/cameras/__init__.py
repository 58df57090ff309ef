"""Cameras: a USB one by V4L2, a Raspberry Pi's own, and one that shows what a dev dock holds up."""
