"""``soc indicators``: paid and unpaid, side by side."""
