"""The queue server: one pure core, one edge, one feed. See ARCHITECTURE.md."""
