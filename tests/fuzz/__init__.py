"""Thousands of hostile inputs to every place where something comes in (docs/fuzzing.md): `python -m tests.fuzz`, or `make fuzz`.

A case is made by dice that are thrown anew from (target, seed, number), so the three name it for ever: what fails is tried again alone with `--only`.
"""
