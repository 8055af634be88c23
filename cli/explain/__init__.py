"""``soc explain``: from a figure down to facts."""
