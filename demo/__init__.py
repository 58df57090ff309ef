"""The demonstration: York House on this machine, with every part real, and a rehearsal that plays a morning in it.

It starts the same programs that run in a centre (`foyer serve`, the kiosk, the stand-in printer) and speaks to them only through what they
offer everybody: the enrolment API, the sign-in page, the sockets. Nothing here decides anything about a queue. It listens on
the loopback address only; passwords are made anew at each start and shown once.
"""
