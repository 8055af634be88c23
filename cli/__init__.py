"""click: parses, calls, prints. Nothing is computed here."""
