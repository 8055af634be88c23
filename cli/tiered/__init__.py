"""``soc tiered``: contracts settled by tiers."""
