"""A bundle verified and computed again through our own code."""
