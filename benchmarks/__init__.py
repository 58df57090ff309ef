"""The figures and proofs of the README, as programs that anybody can run: `python -m benchmarks` and `python -m benchmarks.proof`.

Every server here is the real one in a process of its own, on a real file and a real socket of the loopback address. Whoever loads it runs
in another process. Nothing reaches into the server: what is measured came over the wire.
"""
