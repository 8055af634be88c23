"""``README.txt``: what an auditor needs who has nothing but Python and the zip."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def readme(manifest: Mapping[str, Any], verifier: bytes, sample: int | None) -> bytes:
    """The text, from its template. ``verifier``: verify.py as it stands in the bundle; ``sample``: how many lines were drawn."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("cli", "pages")
    plain = Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    measured = [one for one in manifest["contracts"] if f"contract/{one}" in manifest["streams"]]
    said = {
        **manifest,
        "measured": measured,
        "hidden": manifest["records"] - manifest["shown"],
        "verifier_sha256": sha256(verifier).hexdigest(),
    }
    return plain.get_template("bundle_readme.txt").render(**said, sample=sample).encode()
