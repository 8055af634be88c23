"""What can be known from the log: pure functions of facts, never writing to it."""
