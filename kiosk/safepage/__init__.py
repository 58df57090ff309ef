"""What a screen shows when the kiosk itself cannot be: one sentence in every language, and who is to be told.

Whatever broke the kiosk (settings, a release, a library, the graphics) must not break this too, so everything that shows (`picture`, `ways`,
`__main__`) is Python's standard library and nothing of ours outside this folder. The picture was drawn before, while all was well: by the kiosk
itself for its own panel and under its own name (`drawing.keep`), else one of the two that lie beside this file. The folder may be copied to
where no release touches it, and be run by any Python from 3.9 on.
"""
