"""Options and argument types that commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.desk import Desk
from cli.settings import STOPPED_A_WRITE, Settings
from ledger.errors import LedgerError
from ledger.imports.personal_numbers import holds_personal_number
from ledger.money import parse_kronor
from ledger.periods import Month, Period, check_year, parse_date

F = TypeVar("F", bound=Callable[..., Any])


class Parsed(click.ParamType[Any]):
    """A value read from text by a function that raises ValueError."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name, self._parse = name, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value, or click's usage error with what is wrong."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("say something here; it stands in the record")
    if not text.isprintable():
        raise ValueError("write it on one line, without control characters")
    if len(text) > 1000:
        raise ValueError("say it in 1000 characters; longer words belong in a document")
    if holds_personal_number(text):
        raise ValueError("it holds a personal number, which must not enter the record")
    return text.strip()


def _month(text: str) -> Month:
    month = Month.parse(text)
    check_year(month.year)
    return month


def _period(text: str) -> Period:
    period = Period.parse(text)
    check_year(period.first.year)
    check_year(period.last.year)
    return period


DATE = Parsed("date", parse_date)
TEXT = Parsed("text", _text)
MONTH = Parsed("month", _month)
PERIOD = Parsed("period", _period)
AMOUNT = Parsed("amount", parse_kronor)


def with_desk(function: F) -> F:
    """Give the command its desk as first argument."""

    @click.pass_context
    @wraps(function)
    def run(ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
        desk = Desk(ctx.find_root().obj)
        try:
            return function(desk, *args, **kwargs)
        except (LedgerError, click.ClickException, click.exceptions.Exit, OSError):
            raise
        except Exception as error:
            desk.refuse_damage(error)
            raise

    return run  # type: ignore[return-value]


def looking(function: F) -> F:
    """Give the command its desk, and one unchanging view of the ledger to answer from."""

    @with_desk
    @wraps(function)
    def run(desk: Desk, *args: Any, **kwargs: Any) -> Any:
        with desk.log.recorder.view():
            return function(desk, *args, **kwargs)

    return run  # type: ignore[return-value]


def answers(function: F) -> F:
    """``-O text|json|csv`` and ``-o FILE``, passed on as ``form`` and ``file``."""
    return answers_in("text", "json", "csv")(function)


def answers_in(*forms: str) -> Callable[[F], F]:
    """``-O`` with these forms, the first by default, and ``-o FILE``, passed on as ``form`` and ``file``."""
    choice = click.option("-O", "form", type=click.Choice(forms), default=forms[0], show_default=True, help="How to answer.")
    where = click.option("-o", "file", default="-", metavar="FILE", callback=writable, help="Where to; - is stdout.")
    return lambda function: where(choice(function))


def writable(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse a file that cannot be written before anything is recorded."""
    path = Path(value)
    if value != "-" and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
        raise click.BadParameter(f"{value} cannot be written", ctx, param)
    if value != "-" and path.resolve() in files_of(ctx.find_root().obj):
        raise click.BadParameter(f"{value} is the ledger itself, or its vault", ctx, param)
    if value != "-" and path.is_file() and _is_key(path):  # a pipe would be waited for
        raise click.BadParameter(f"{value} holds a secret key", ctx, param)
    return value


def _is_key(path: Path) -> bool:
    """Whether a signing key stands there, which is never written over."""
    from ledger.keys import is_secret

    try:
        with path.open("rb") as file:
            return is_secret(file.read(64))
    except OSError:
        return False


def files_of(settings: Settings) -> set[Path]:
    """The files of a SQLite ledger and its vault, which no answer may be written over."""
    from ledger.database import parsed
    from ledger.vault import beside

    urls = [parsed(url) for url in (settings.ledger, settings.vault or beside(settings.ledger)) if url]
    places = [url.database for url in urls if url is not None and url.get_backend_name() == "sqlite" and url.database]
    return {Path(f"{place}{more}").resolve() for place in places for more in ("", "-wal", "-shm", "-journal")}


def marked(function: F) -> F:
    """What stops a write is marked as such, so that what is told can say that nothing was recorded."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            error.add_note(STOPPED_A_WRITE)
            raise

    return run  # type: ignore[return-value]


def writes(function: F) -> F:
    """``--dry-run``, ``--reference``, ``-O`` and ``-o`` of every write; what stops one is marked as such."""
    dry_run = click.option("--dry-run", is_flag=True, help="Say what would be recorded; record nothing.")
    reference = click.option("--reference", type=TEXT, metavar="TEXT", help="The document that it rests on.")
    return answers(reference(dry_run(marked(function))))


def moment(function: F) -> F:
    """``--as-of DATE`` and ``--known-at INSTANT``, of every answer that has both times."""
    as_of = click.option(
        "--as-of", type=DATE, metavar="DATE", help="The date in the world; default: that of the last record known."
    )
    known = click.option(
        "--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it."
    )
    return as_of(known(function))


def on(help_text: str) -> Callable[[F], F]:
    """A required ``--on DATE``."""
    return click.option("--on", type=DATE, required=True, metavar="DATE", help=help_text)


AUDIENCES = ("payer", "provider", "auditor", "public")
"""Who may read what is handed over; the last sees least."""


def audience(function: F) -> F:
    """``--audience``, passed on as ``audience``; what is handed over is made for the narrowest unless something else is said."""
    return click.option(
        "--audience",
        type=click.Choice(AUDIENCES),
        default=AUDIENCES[-1],
        show_default=True,
        help="Who will read it: the payer alone, as employer, sees figures of fewer than five absent persons.",
    )(function)


def agreed_by(function: F) -> F:
    """``--agreed-by ROLE``, repeated."""
    return click.option(
        "--agreed-by",
        multiple=True,
        required=True,
        metavar="ROLE",
        callback=lambda ctx, param, value: tuple(dict.fromkeys(value)),
        help="A party that agreed; repeat for each.",
    )(function)
