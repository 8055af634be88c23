"""``soc bond``: schedule, state, scenarios."""
