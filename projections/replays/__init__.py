"""The same facts under other methodologies, and why they differ."""
