"""``soc tender``: bids, compared and awarded."""
