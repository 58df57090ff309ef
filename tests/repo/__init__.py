"""Laws of the house that no other tool checks. Each failure names the place and says what to do."""
