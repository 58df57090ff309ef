"""The proofs of `benchmarks/` at a size for every day; `FOYER_PROOF` multiplies it (`FOYER_PROOF=20 make test PYTEST_OPTIONS=tests/proof`)."""
