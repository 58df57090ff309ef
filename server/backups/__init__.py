"""Backups of the house: made, sealed, restored elsewhere and compared, kept for a while, and restored.

What belongs to a restore: the database, in which nearly everything stands (papers too, each under a key of its own), and the recorded speech. Not the keys
that open papers, which are backed up apart, so that who has a backup and its key still reads no paper (docs/papers.md); not releases, speech that the
machine makes, or settings, which are had again from where they came.
"""
