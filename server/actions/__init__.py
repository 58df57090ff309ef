"""What each command does: load, decide (by `domain`), write. One module a noun; each function runs inside one savepoint of the lane."""
