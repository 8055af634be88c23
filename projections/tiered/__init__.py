"""Contracts settled by tiers: what they are worth, their state, and what if."""
