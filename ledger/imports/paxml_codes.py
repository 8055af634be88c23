"""The time codes of PAXml (``tidkod``): which say that somebody is sick, and which are known and say something else.

Source: PAXml 2.0, XSD and description; ``SCH``, ``RE4`` and ``ÖB1``–``ÖB5`` occur in senders' files and not in the XSD.
"""

from __future__ import annotations

import unicodedata

from ledger.lines import CAUSES

SICK = CAUSES.index("sick")
WORK_INJURY = CAUSES.index("work-injury")

CAUSE_OF = {"SJK": SICK, "SJK_KAR": SICK, "SJK_LÖN": SICK, "SJK_ERS": SICK, "SJK_PEN": SICK, "ASK": WORK_INJURY}
"""Codes that mean the same in every file, each with its place in CAUSES."""

AGREED = ("SMB", *(f"FR{number}" for number in range(1, 10)))
"""Codes that mean what sender and receiver agree on: ``[absence_codes]`` of the terms."""

_ABSENCES = "HAV FPE VAB UTB MIL SVE NÄR TJL SEM SEM_BET SEM_SPA SEM_OBE SEM_FÖR KOM PEM PER FAC ATK KON PAP ATF"
_SINGLE = "FLX TID ARB MER HLG SKI SCH RE4"
_SERIES = (("TS", 9), ("ÖT", 5), ("ÖK", 5), ("ÖB", 5), ("OB", 5), ("OS", 5), ("JR", 3), ("JS", 3), ("BE", 3), ("BS", 3))
_MORE_SERIES = (("RE", 3), ("LT", 9), ("NV", 9))

OTHERS = frozenset(
    [
        *_ABSENCES.split(),
        *_SINGLE.split(),
        *(f"{name}{number}" for name, most in (*_SERIES, *_MORE_SERIES) for number in range(1, most + 1)),
    ]
)
"""Codes that are no sick leave: other absences, work, overtime, stand-by."""


def code_of(text: str) -> str:
    """The code as it is listed here: spaces around it and the way its letters are composed do not matter."""
    return unicodedata.normalize("NFC", text).strip().upper()
