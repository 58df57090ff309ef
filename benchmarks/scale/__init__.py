"""Several servers on one real PostgreSQL: what they carry together, and what they lose when one of them, the database or the network goes (`make bench-scale`)."""
