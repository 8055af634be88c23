"""``soc replay``: methodologies side by side."""
