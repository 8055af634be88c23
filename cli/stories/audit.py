"""The demo's audit: the record is sealed at each year's end, the external auditor tests a sample of Botkyrka's reports and signs
the final evaluation off, and bundles go out: to the auditor, and one with three errors planted in it, to be found.

Who the auditor was and what was found is not public: this is an example.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

from cli.stories.stage import Stage, Timed, at, first, instant
from ledger import keys, notes

CONTRACT = "botkyrka"
AUDITOR = "E. Berg, external_auditor"
OPERATOR, MUNICIPALITY, PROVIDER = "soc-project.example/ledger", "botkyrka.example/economy", "aino.example/finance"
SEALED = ("2019-12-31", "2020-12-31", "2021-12-21", "2022-04-30")
SAMPLE = 60

PROCEDURE = "compare the line with the payroll slip and the sick note of the period"
EVIDENCE = "payroll slip and sick note (synthetic)"
EXCEPTION = "the sick note ends a day earlier"
TEXT = "one exception in sixty lines; it moves no determination by more than the price of a day"


def audit(stage: Stage) -> Iterator[Timed]:
    """Every step of it, each with its time."""
    for day in SEALED:
        yield f"{day}T16:00", lambda day=day: _sealed(stage, day)  # type: ignore[misc]
    yield "2022-01-25T10:00", lambda: _tested(stage)
    evaluation = str(stage.folder / "files" / CONTRACT / "final-evaluation.txt")
    signing = ("audit", "sign-off", CONTRACT, "--on", "2022-02-01", "--evaluation", evaluation)
    opinion = ("--opinion", "unqualified", "--text", TEXT)
    yield at("2022-02-01", "10:00", stage, AUDITOR, *signing, *opinion, say=f"{CONTRACT}:")


def _key(stage: Stage, name: str) -> str:
    """The file of a demo key. A real one is made by ``soc seal new-key``, from chance; the demo's come from its seed, so that two
    builds are equal, and protect nothing."""
    path = stage.folder / "keys" / f"{name.split('/')[0].replace('.example', '')}.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = keys.signing_key(name, sha256(f"soc-demo {name}".encode()).digest())
        path.touch(mode=0o600)
        path.write_text(notes.private_text(key.verifier, key.seed) + "\n", encoding="utf-8")
        with (path.parent / "verifier-keys.txt").open("a", encoding="utf-8") as file:
            file.write(f"{key.verifier}\n")
    return str(path)


def _sealed(stage: Stage, day: str) -> str:
    """The operator signs; the municipality and the provider check that, compare with what they signed before, and sign."""
    notes_folder = stage.folder / "audit"
    notes_folder.mkdir(exist_ok=True)
    before = sorted(notes_folder.glob("checkpoint-*.note"), key=os.path.getmtime)
    note = str(notes_folder / f"checkpoint-{day}.note")
    stage.run(None, "seal", "--key", _key(stage, OPERATOR), "-o", note)
    operator = str(keys.read(Path(_key(stage, OPERATOR))).verifier)
    for name in (MUNICIPALITY, PROVIDER):
        cosigning = ["seal", "cosign", note, "--key", _key(stage, name), "--verifier", operator, "-o", note]
        if before:
            proof = str(notes_folder / f"checkpoint-{day}.proof.json")
            stage.run(None, "seal", "prove", *_sizes(before[-1], Path(note)), "-o", proof)
            cosigning += ["--proof", proof]
        stage.run(None, *cosigning)
    verifiers = (stage.folder / "keys" / "verifier-keys.txt").read_text(encoding="utf-8").split()
    stage.run(None, "seal", "add", note, *(word for key in verifiers for word in ("--verifier", key)))
    size = _sizes(Path(note))[0]
    return f"{day}  {size} records are sealed, signed by the operator, Botkyrka and Aino Health"


def _has_a_day_less(row: dict[str, str]) -> bool:
    """Whether a whole working day could be taken from its end."""
    ends_at_work = bool(row["last_day"]) and date.fromisoformat(row["last_day"]).weekday() < 5
    return ends_at_work and row["first_day"] < row["last_day"] and row["extent"] == "100"


def bundles(stage: Stage) -> None:
    """Write what is handed over: Botkyrka's record for its auditor, a sample opened; and one with three errors planted by whoever
    holds the operator's key, to be found with nothing but Python."""
    from fixtures.tampered.planted import planted

    folder, ending = stage.folder / "audit", ("--contract", CONTRACT)
    opened = ("--audience", "auditor", "--sample", str(SAMPLE))
    stage.run(None, "export", "bundle", *ending, *opened, "-o", str(folder / "botkyrka-auditor.zip"))
    size = _sizes(folder / f"checkpoint-{SEALED[0]}.note")[0]
    honest = folder / "botkyrka-payer-2019.zip"
    stage.run(None, "export", "bundle", *ending, "--audience", "payer", "--upto", size, "-o", str(honest))
    forged = planted(honest.read_bytes(), keys.read(Path(_key(stage, OPERATOR))))
    (folder / "three-errors.zip").write_bytes(forged)


def _sizes(*paths: Path) -> list[str]:
    """How many records each note is of."""
    return [path.read_text(encoding="utf-8").splitlines()[1] for path in paths]


def _tested(stage: Stage) -> str:
    """The auditor draws a sample from the checkpoint of December, tests it, and has the sheet recorded."""
    size = _sizes(stage.folder / "audit" / "checkpoint-2021-12-21.note")[0]
    drawing = ("audit", "sample", CONTRACT, str(SAMPLE), "--checkpoint", size, "--procedure", PROCEDURE)
    rows = list(csv.DictReader(io.StringIO(stage.run(None, *drawing, "--audience", "auditor", "-O", "csv"))))
    for row in rows:
        row |= {"evidence": EVIDENCE, "result": "ok"}
    differing = next(row for row in rows if _has_a_day_less(row))
    differing |= {"result": "exception", "exception": EXCEPTION, "days_difference": "-1"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    sheet = stage.file(f"{CONTRACT}/audit-sample.csv", out.getvalue().encode())
    printed = stage.run((instant("2022-01-25T10:00"), AUDITOR), "audit", "record", CONTRACT, sheet, "--on", "2022-01-24")
    return f"2022-01-25  {CONTRACT}, the auditor's sample: {first(printed)}"
