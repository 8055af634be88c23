"""What is sealed: the seventh section of the audit report."""

from __future__ import annotations

from cli.audit.report_table import Section, number
from ledger.errors import VerificationFailed
from ledger.facts import Facts
from ledger.recorder import Recorder

HOW = "Not run here: soc check recomputes every figure and is silent when all is well."


def sealed(facts: Facts, recorder: Recorder) -> Section:
    """The last checkpoint of the record as far as it is known, and how much was recorded since."""
    return Section("sealed", "Sealed: what can no longer be changed unseen?", [*_says(facts, recorder), HOW])


def _says(facts: Facts, recorder: Recorder) -> list[str]:
    from ledger import seal

    try:
        found = [one for one in seal.checkpoints(recorder) if one.size <= facts.position]
    except VerificationFailed as error:
        return [f"A checkpoint does not hold: {error.what}. Ask why before anything else."]
    if not found:
        return [f"No checkpoint was signed: whoever holds the file could rewrite all {facts.position} records unseen."]
    last = found[-1]
    signers = ", ".join(one.name for one in last.signatures)
    stamps = f", with {number(len(last.stamps), 'time stamp')}" if last.stamps else ", with no time stamp from outside"
    since = number(facts.position - last.size, "record")
    return [
        f"The last of {number(len(found), 'checkpoint')} is of {last.size} records, signed by {signers or 'nobody'}{stamps}; "
        f"fingerprint {last.root.hex()[:16]}; {since} since.",
        "Whether signatures are right, soc export bundle, then verify.py with --key for each party, tells.",
    ]
