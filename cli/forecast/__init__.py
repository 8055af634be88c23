"""``soc forecast``: three ways, tried on the record."""
