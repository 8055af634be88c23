"""Files that are far too large, or made to fill the memory: refused in bounded memory, with a list that ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.test_bad_corpus import standing
from tests.cli.world import ABSENCE_HEADER, MANAGER, ROOT, World, environment

MEMORY = 900_000_000
"""Bytes of address space that ``soc`` may have; as it starts it takes about a third of them."""

_LIMITED = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY})); from cli.main import main; main()"
_FAR = 10_000_000
_MANY = 20_000


def _rows(row: str, count: int = _MANY) -> str:
    return "\n".join([ABSENCE_HEADER, *(row.format(number) for number in range(count))])


def _paxml(inside: str) -> str:
    return f"<paxml><header><version>2.0</version></header><tidtransaktioner>\n{inside}\n</tidtransaktioner></paxml>"


def _laughs() -> str:
    entities = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">\n' for number in range(1, 12))
    return f'<?xml version="1.0"?>\n<!DOCTYPE p [\n<!ENTITY l0 "lol">\n{entities}]>\n<paxml>&l11;</paxml>'


NESTED = "elements nested more than 32 deep"
LIMIT = "a field of more than 131072 characters"
NOBODY = "<tidtrans><tidkod>SJK</tidkod><datum>2019-04-01</datum></tidtrans>\n"
CASES: dict[str, tuple[str, int, str]] = {
    "a field of 10 MB": (f"{ABSENCE_HEADER}\nS1,{'x' * _FAR},,,,\n", 2, LIMIT),
    "a quotation mark before 10 MB": (f'{ABSENCE_HEADER}\nS1,"{"Skolan," * (_FAR // 7)}\n', 2, LIMIT),
    "a first line of 10 MB": ("x" * _FAR, 1, LIMIT),
    "a million columns": (",".join([ABSENCE_HEADER, *["x"] * 1_000_000]), 1, "unknown column: 'x'"),
    "20 000 columns of their own": (
        ",".join([ABSENCE_HEADER, *(f"x{number}" for number in range(_MANY))]),
        1,
        "unknown columns",
    ),
    "300 000 faults": (_rows("S{0},Skolan,2019-04-31,x,100,flu", 100_000), 2, "first_day '2019-04-31' is no day in the calendar"),
    "20 000 short lines": (_rows("S{0}"), 2, "1 field where the header names 6 columns"),
    "20 000 spells left open": (_rows("S{0},Skolan,2019-04-01,,100,sick"), 2, "has no last day"),
    "20 000 spells in the future": (_rows("S{0},Skolan,2019-08-01,2019-08-02,100,sick"), 2, "begins after today"),
    "20 000 withdrawals": (_rows("S{0},Skolan,2019-04-01,2019-04-02,0,sick"), 2, "withdraws (extent 0) a spell"),
    "entities that grow to terabytes": (_laughs(), 2, "declares a document type (DOCTYPE)"),
    "a million elements inside each other": (_paxml("<a>" * 1_000_000), 2, NESTED),
    "elements inside each other in 30 MB": (_paxml("<a>" * _FAR), 2, NESTED),
    "an attribute of 10 MB": (_paxml(f'<tidtrans anstid="{"7" * _FAR}"/>'), 2, "an attribute of more than 1000 characters"),
    "a value of 10 MB": (
        _paxml(f"<tidtrans><tidkod>{'x' * _FAR}</tidkod></tidtrans>"),
        2,
        "a value of more than 1000 characters in <tidkod>",
    ),
    "20 000 transactions of nobody": (_paxml(NOBODY * _MANY), 2, "no unit (resenhet)"),
}
"""Content, line and words of the first fault."""


@pytest.mark.parametrize("case", CASES)
def test_a_large_file_is_refused_in_bounded_memory(settled: World, case: str) -> None:
    content, line, says = CASES[case]
    path = settled.file("sent", content)
    before = standing(settled)
    arguments = [*settled.options(MANAGER, None), "import", "absences", "tiny", str(path), "--source", "payroll"]
    command = [sys.executable, "-c", _LIMITED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment() | {"OPENBLAS_NUM_THREADS": "1"})
    assert (done.returncode, done.stdout) == (4, ""), done.stderr[:1000]
    assert standing(settled) == before
    lines = done.stderr.splitlines()
    assert lines[1].startswith(f"  {path}:{line}: ")
    assert says in lines[1]
    assert len(lines) <= 2 + 2 * 1001
    assert len(done.stderr) < 500_000
    assert max(map(len, lines)) < 1000
