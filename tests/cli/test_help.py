"""Help that is complete: every command and option says what it does, and the README names every command."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from cli.main import COMMANDS, soc
from tests.cli.world import ROOT, run

README = ROOT / "README.md"


def every_command() -> Iterator[tuple[str, click.Command]]:
    """``soc`` and all commands, by how they are typed."""
    context = click.Context(soc)
    yield "", soc
    for name in soc.list_commands(context):
        command = soc.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                one = command.get_command(context, inner)
                assert one is not None
                yield f"{name} {inner}", one


ALL = dict(every_command())


@pytest.mark.parametrize("path", ALL)
def test_every_command_says_what_it_does(path: str) -> None:
    text = ALL[path].help
    assert text
    assert text.strip()[0].isupper()
    assert text.strip().endswith(".")


@pytest.mark.parametrize("path", ALL)
def test_every_option_says_what_it_is(path: str) -> None:
    for parameter in ALL[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"soc {path} {parameter.opts[0]}"
            assert parameter.help.strip()[0].isupper()


@pytest.mark.parametrize("path", ALL)
def test_help_is_printed_and_fits_a_terminal(path: str) -> None:
    result = run([*path.split(), "--help"])
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Usage: soc {path}".rstrip())
    assert max(map(len, result.out.splitlines())) <= 80


def test_the_list_of_commands_says_what_the_commands_do() -> None:
    out = run(["--help"]).out
    for name, line in COMMANDS.items():
        assert name in ALL
        assert line.split()[0] in out


JARGON = ("merkle", "token", "salt", "projection", "vintage", "read model")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path,
        )
        for path in ALL
    ],
)
def test_help_speaks_in_words_that_a_controller_knows(path: str) -> None:
    out = run([*path.split(), "--help"]).out.lower()
    assert [word for word in JARGON if word in out] == []


@pytest.mark.skipif(not README.exists(), reason="no README yet")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    assert re.search(rf"soc [^`\n]*\b{name}\b", text)
