"""What the code itself must keep to: arrows that never turn back, no clock and no float in the core, functions that fit on a
screen, and a docstring on everything that others may call. Every ban names what to use instead."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ledger", "projections", "cli", "fixtures")
CORE = (
    "money",
    "periods",
    "canonical",
    "vocabulary",
    "toml_files",
    "terms",
    "disruption",
    "methodology",
    "findings",
    "events",
    "lines",
    "record",
    "commands",
    "contract",
    "authority",
    "agreements",
    "decisions",
    "determining",
    "disputes",
    "holds",
    "notices",
    "payments",
    "resolutions",
    "evidence",
    "indicators",
    "programmes",
    "waterfall",
    "tiers",
    "bonds",
    "tiered_terms",
    "tender_terms",
    "tenders",
    "tendering",
    "tiered",
    "tiered_rules",
    "merkle",
    "notes",
    "bundle",
    "audits",
    "errors",
)
"""The pure modules of the ledger; everything else in it is the shell."""

LINES_MAX = 70

MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
CORE_MODULES = [Path("ledger") / f"{name}.py" for name in CORE]
PURE = [*CORE_MODULES, *(path for path in MODULES if path.parts[0] == "projections")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {module_name(path) for path in MODULES}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also within functions and for type checking; ``from a import b`` is a.b if a module."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write the module's name in full"
            module = node.module or ""
            submodules = {f"{module}.{alias.name}" for alias in node.names} & KNOWN
            found |= submodules or {module}
            if len(submodules) < len(node.names):
                found.add(module)
    return found


def parametrized(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[path.as_posix() for path in paths])


# ── Arrows ───────────────────────────────────────────────────────────────────────────────────────────────────────────

MAY_IMPORT = {
    "ledger": {"ledger"},
    "projections": {"projections", "ledger"},
    "cli": {"cli", "projections", "ledger", "fixtures"},
    "fixtures": {"fixtures", "ledger"},
}
"""Package → the packages of ours that it may import: cli → projections → ledger; fixtures only from cli."""


def test_the_core_is_there() -> None:
    assert [path for path in CORE_MODULES if path not in MODULES] == []


@parametrized(MODULES)
def test_arrows_between_packages_never_turn_back(path: Path) -> None:
    ours = {name.split(".")[0] for name in imports(path)} & {*PACKAGES, "tests"}
    assert ours <= MAY_IMPORT[path.parts[0]]


VERIFIER = [path for path in MODULES if path.parts[:2] == ("cli", "verifier") and path.name not in ("__init__.py", "joined.py")]
"""The parts of verify.py; ``joined`` puts them together."""


@parametrized(VERIFIER)
def test_the_verifier_shares_no_code_with_what_it_verifies(path: Path) -> None:
    others = {name for name in imports(path) if not name.startswith("cli.verifier")}
    assert {name.split(".")[0] for name in others} <= sys.stdlib_module_names


@parametrized([path for path in MODULES if path.parts[:2] != ("cli", "verifier")])
def test_nothing_but_what_hands_it_over_imports_the_verifier(path: Path) -> None:
    assert {name for name in imports(path) if name.startswith("cli.verifier.")} <= {
        "cli.verifier.joined",
        "cli.verifier.recompute",
    }


@parametrized(CORE_MODULES)
def test_the_core_imports_nothing_of_the_shell(path: Path) -> None:
    allowed = {"ledger", *(f"ledger.{name}" for name in CORE)}
    assert {name for name in imports(path) if name.split(".")[0] == "ledger"} <= allowed


THIRD_PARTY = {"pydantic", "pydantic_core", "numpy"}
STANDARD = {
    "__future__",
    "base64",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "hmac",
    "heapq",
    "itertools",
    "bisect",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "textwrap",
    "tomllib",
    "types",
    "typing",
    "unicodedata",
    "zlib",
    "zoneinfo",
}
"""What the core may use of the standard library: nothing that reaches out (os, pathlib, time, random, socket, sqlite3 …)."""


@parametrized(CORE_MODULES)
def test_the_core_uses_nothing_that_reaches_out(path: Path) -> None:
    others = {name.split(".")[0] for name in imports(path)} - {"ledger"}
    assert others <= STANDARD | THIRD_PARTY - {"numpy"}


# ── No clock, no chance, no files, no floats ─────────────────────────────────────────────────────────────────────────

BANNED_CALLS = {
    "open": "bytes come in through the shell",
    "print": "the command line prints",
    "float": "amounts are int, shares are Fraction",
    "input": "the command line asks",
    "eval": "rules are code or data",
    "exec": "rules are code or data",
    "round": "ledger.money.rounded says how",
}
BANNED_ATTRIBUTES = {
    "now": "time enters as data",
    "today": "time enters as data: Context.today",
    "utcnow": "time enters as data",
    "read_text": "bytes come in through the shell",
    "read_bytes": "bytes come in through the shell",
    "write_text": "the shell writes",
    "write_bytes": "the shell writes",
}
CLASSES_WITH_A_CLOCK = {"date", "datetime"}
BANNED_MODULES = {
    "time",
    "random",
    "secrets",
    "uuid",
    "os",
    "sys",
    "pathlib",
    "io",
    "logging",
    "subprocess",
    "threading",
    "socket",
}


def banned(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        at = f"{path.as_posix()}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            yield f"{at}: {node.func.id}(): {BANNED_CALLS[node.func.id]}"
        if isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
            of_instance = isinstance(node.value, ast.Name) and node.value.id not in CLASSES_WITH_A_CLOCK
            if node.attr not in ("now", "today") or not of_instance:
                yield f"{at}: .{node.attr}: {BANNED_ATTRIBUTES[node.attr]}"
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{at}: {node.value}: no float touches a figure"
        if isinstance(node, ast.Name) and node.id in BANNED_MODULES:
            yield f"{at}: {node.id}: time, chance and files enter as data"


@parametrized(PURE)
def test_no_clock_no_chance_no_files_no_floats(path: Path) -> None:
    assert list(banned(path)) == []
    assert {name.split(".")[0] for name in imports(path)} & BANNED_MODULES == set()


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "time.time()",
        "random.random()",
        "open('x')",
        "print(1)",
        "float('1')",
        "x = 0.5",
        "round(x)",
        "path.read_text()",
        "os.environ",
    ],
)
def test_the_bans_catch(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.tree", lambda path: ast.parse(source))
    assert list(banned(Path("ledger/example.py")))


def test_the_bans_leave_what_enters_as_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.tree", lambda path: ast.parse("context.today; Fraction(1, 2); when.now; rounded(x)"))
    assert list(banned(Path("ledger/example.py"))) == []


# ── Every event has its case ─────────────────────────────────────────────────────────────────────────────────────────

EXHAUSTIVE = [
    Path("ledger/decisions.py"),
    Path("ledger/contract.py"),
    Path("projections/postings.py"),
    Path("projections/accounting/vouchers.py"),
    Path("cli/words.py"),
]


def ends_in_assert_never(match: ast.Match) -> bool:
    """Whether the last case takes whatever is left and says that nothing is."""
    last = match.cases[-1]
    takes_all = last.guard is None and isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
    calls = [node.func.id for node in ast.walk(last) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return takes_all and calls == ["assert_never"]


def names_an_event(match: ast.Match) -> bool:
    classes = [
        case.cls for match_case in match.cases for case in ast.walk(match_case.pattern) if isinstance(case, ast.MatchClass)
    ]
    owners = {one.value.id for one in classes if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)}
    return bool(owners & {"e", "events"})


def names_a_class(match: ast.Match) -> bool:
    """Whether its cases are classes, as of events and commands; over a field's values, what is left may be kept together."""
    return any(isinstance(node, ast.MatchClass) for case in match.cases for node in ast.walk(case.pattern))


@parametrized(EXHAUSTIVE)
def test_every_match_over_classes_ends_in_assert_never(path: Path) -> None:
    matches = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Match) and names_a_class(node)]
    assert matches
    assert [f"{path.as_posix()}:{node.lineno}" for node in matches if not ends_in_assert_never(node)] == []


@parametrized(MODULES)
def test_every_match_over_events_ends_in_assert_never(path: Path) -> None:
    matches = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Match) and names_an_event(node)]
    assert [f"{path.as_posix()}:{node.lineno}" for node in matches if not ends_in_assert_never(node)] == []


# ── Functions that fit on a screen, and docstrings ───────────────────────────────────────────────────────────────────

Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@parametrized(MODULES)
def test_functions_fit_on_a_screen(path: Path) -> None:
    long = [
        f"{path.as_posix()}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines; push ifs up and fors down"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LINES_MAX
    ]
    assert long == []


def public(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, Defined]]:
    """What others may call: not private, not a special method, not local to a function."""
    for node in body:
        if isinstance(node, Defined) and not node.name.startswith("_"):
            yield f"{within}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{node.name}.")


@parametrized(MODULES)
def test_everything_public_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{path.as_posix()} does not say what it is"
    silent = [f"{path.as_posix()}:{node.lineno} {name}" for name, node in public(tree(path).body) if not ast.get_docstring(node)]
    assert silent == []
