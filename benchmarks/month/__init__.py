"""A month of five centres in half an hour: does anything in the server grow, and does anything fail that nobody foresaw?

    make month                      # both parts; build/month.json and build/month.md
    python -m benchmarks.month --days 3

The server is the real one, in a process of its own, on a database file, but its clock is turned by hand: the play says when it is, and moves it only when nobody
has anything left to do. So a month passes as fast as the work in it can be done, nights and week-ends in a jump, and the hour at which summer time ends is in it. Kiosks,
boards, advisers, greeters, managers and phones are real connections. What jobs do every so many seconds they do that much oftener (`benchmarks.month.house`), though not
as often as in a real month: a round costs the same however much of the clock it stands for.

Each night, when all have gone home, the server's memory, open files and threads are read from outside. A leak of a visit's worth, a connection's or a day's shows as a slope over
the nights after open days of the second half, since the first days fill what is meant to be kept; whether it is one, or chance, is told as well (`benchmarks.month.growth`), and a run that is
too short to say so says that.
"""
