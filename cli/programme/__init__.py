"""``soc programme``: several contracts as one."""
