"""``soc statement``: the settlement statement as text, page and JSON."""
