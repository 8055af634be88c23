"""One file a format: bytes in, checked rows or located faults out. Nothing here knows the log."""
