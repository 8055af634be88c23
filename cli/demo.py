"""``soc demo``: the story of both Swedish contracts, built with the commands that users type, and shown."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from cli.story import Stage, chapters, closing, look
from ledger.errors import Refused


@click.command("demo")
@click.option("--to", "folder", default="demo", show_default=True, metavar="DIR", help="Where the ledger and the files go.")
def command(folder: str) -> None:
    """Build a simulated ledger of Botkyrka and Örnsköldsvik, from signature to summer 2020, and show it."""
    target = Path(folder)
    if (target / "ledger.db").exists():
        raise Refused(f"there is a ledger in {target} already", do="name another folder with --to, or remove it")
    began = time.monotonic()
    click.echo("Two social outcomes contracts, September 2018 to June 2020, told by the ledger.")
    click.echo("Terms and nine trend values are published; other trend values estimated; every absence is SYNTHETIC.\n")
    stage = Stage(target)
    steps = list(chapters(stage))
    with click.progressbar(length=len(steps), label="Recording", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for step in steps:
            said = step()
            if said:
                click.echo(said)
            bar.update(1)
    for title, args in look(stage):
        click.echo(f"\n{'─' * 100}\n{title}\n$ soc {' '.join(args)}\n")
        click.echo(stage.run(None, *args), nl=False)
    click.echo(closing(stage))
    click.echo(f"\nBuilt and shown in {time.monotonic() - began:.0f} s.")
