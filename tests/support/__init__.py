"""The real parts that tests run on: both databases, a browser, child processes, a screen.

Nothing here imitates our own code. What imitates the world (a printer, a clock) lives beside the tests of
the part that meets it.
"""
