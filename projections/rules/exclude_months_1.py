"""``exclude-months@1``: a window's months are not measured and count for nothing (rules 9, 19).

Argued for in the COVID negotiation: "the financial follow-up had to be interrupted due to the pandemic" (RISE's final report, as
the provider quotes it). No evidence of the months is needed.
"""

from __future__ import annotations


def savings_ore() -> int:
    """Öre: nothing, for the authority as for the provider."""
    return 0
