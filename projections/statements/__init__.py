"""A determination's settlement statement."""
