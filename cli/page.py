"""Pages that stand alone: one HTML file, nothing loaded from elsewhere, from the templates in ``cli/pages``."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ledger.money import THIN

if TYPE_CHECKING:
    from jinja2 import Environment


WHOLE = re.compile(rf"(?<![\w-])([0-9]{{4}}-[0-9]{{2}}(-[0-9]{{2}})?|[0-9]{{1,3}}({THIN}[0-9]{{3}})+(\.[0-9]+)?)")
"""An ISO date or month, or an amount in groups of thousands."""


def render(template: str, **values: Any) -> str:
    """The page. Every value is escaped, but what is markup already; a value that is missing is an error."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("cli", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _unbroken(value: Any) -> Any:
    """Amounts and dates do not break between lines."""
    from markupsafe import Markup, escape

    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return Markup(WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(value))))
