"""``soc dossier``: a dispute on one page."""
