"""The parts put together as ``verify.py``: one file for the standard library alone, which auditors are handed.

Not a part itself: it may use what the product uses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from importlib import resources

HEADING = '''#!/usr/bin/env python3
"""Verify a bundle of a ledger of social outcomes contracts, with nothing but Python 3.11 or later.

    python3 verify.py BUNDLE.zip

Everything that it does is in this file: no other program, no network, nothing of the ledger that wrote the bundle. What each
part of its verdict means, the bundle's README says; ``python3 verify.py --help`` says what can be given besides.
"""

from __future__ import annotations
'''
NO_PARTS = ("__init__", "joined")


@cache
def joined() -> str:
    """All parts in the order in which they need each other, as one file. The same parts give the same file."""
    trees = {name: ast.parse(text) for name, text in sources().items()}
    parts = [HEADING, _standard_imports(trees.values())]
    for name in in_order(trees):
        begins = f"# === {name} {'=' * (118 - len(name))}"
        parts.append(f"\n{begins}\n\n{_without_imports(sources()[name], trees[name])}")
    return "\n".join(parts) + '\n\nif __name__ == "__main__":\n    raise SystemExit(main())\n'


def sources() -> dict[str, str]:
    """The text of each part, by its name."""
    files = [file for file in resources.files("cli.verifier").iterdir() if file.name.endswith(".py")]
    named = {file.name.removesuffix(".py"): file for file in files}
    return {name: named[name].read_text(encoding="utf-8") for name in sorted(named) if name not in NO_PARTS}


def in_order(trees: dict[str, ast.Module]) -> list[str]:
    """The parts, each after those that it imports. Raises ValueError where they import each other."""
    needs = {name: _parts_imported(tree) for name, tree in trees.items()}
    found: list[str] = []
    while len(found) < len(needs):
        ready = [name for name, needed in needs.items() if name not in found and needed <= set(found)]
        if not ready:
            raise ValueError(f"parts import each other: {', '.join(sorted(set(needs) - set(found)))}")
        found += ready
    return found


def _standard_imports(trees: Iterable[ast.Module]) -> str:
    """What the parts import of the standard library, each module once."""
    whole: set[str] = set()
    names: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.Import):
            whole |= {f"import {ast.unparse(name)}" for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__" and not _is_ours(node):
            names.setdefault(node.module or "", set()).update(ast.unparse(name) for name in node.names)
    named = [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]
    return "\n".join([*sorted(whole), *named, ""])


def _is_ours(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cli.verifier.")


def _parts_imported(tree: ast.Module) -> set[str]:
    modules = [node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom) and _is_ours(node)]
    return {module.removeprefix("cli.verifier.") for module in modules}


def _without_imports(text: str, tree: ast.Module) -> str:
    """The part's text: its docstring as a comment, no import, no call of its own."""
    lines = text.splitlines()
    docstring = ast.get_docstring(tree) or ""
    left_out: set[int] = set()
    for number, node in enumerate(tree.body):
        is_docstring = number == 0 and isinstance(node, ast.Expr)
        if is_docstring or isinstance(node, (ast.Import, ast.ImportFrom)) or _is_call_of_main(node):
            left_out |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kept = "\n".join(line for number, line in enumerate(lines, 1) if number not in left_out).strip("\n")
    said = "\n".join(f"# {line}".rstrip() for line in docstring.splitlines())
    return f"{said}\n\n{kept}\n"


def _is_call_of_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"
