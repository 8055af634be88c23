"""What may be recorded, and the log that it is recorded in."""
