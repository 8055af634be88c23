"""Bundles of contracts settled by tiers: what they hold, that both verifiers find them right, and that crimes are named."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.verifier.joined import joined
from fixtures.tampered.bundle import Honest, Lacking, changed, zipped
from fixtures.tampered.corpus import prepared
from fixtures.tampered.records import Alteration
from fixtures.tampered.stamps import Authority
from tests.cli.world import World, run
from tests.verifier.honest import OutOfBand, by_soc, by_verify_py, named, statuses
from tests.verifier.tiered_ledger import FIXTURES

PORTFOLIO = """\
form = "tiered"
id = "portfolio"
name = "A portfolio of one"
currency = "SEK"
vat = "excluded"
starts_on = 2019-01-01
ends_on = 2020-12-31
payment_days = 10
[parties]
payer = "Lilla kommun"
investor = "Fonden"
[[metrics]]
id = "places"
name = "places found"
unit = "count"
better = "higher"
source = "made up for this test"
[[valuations]]
kind = "contracts-savings@1"
id = "savings"
contracts = ["tiny"]
[[valuations]]
kind = "price-per-unit@1"
id = "worth"
metric = "places"
group = "all"
price = "1000.01"
[[waterfall.tiers]]
name = "half"
what = "half of each krona saved"
of = "savings"
shares = [{ party = "investor", share = "0.5" }]
[[waterfall.tiers]]
name = "places"
what = "a third of what places are worth"
of = "worth"
shares = [{ party = "investor", share = "0.333" }]
[[waterfall.remainder]]
of = "savings"
party = "payer"
[[waterfall.remainder]]
of = "worth"
party = "payer"
[governance]
signs = ["payer"]
records = ["payer"]
determines = "payer"
pays = "payer"
agrees = ["payer", "investor"]
"""
PLACES = "metric,group,part,until,persons,amount,value\nplaces,all,y1,2019-06-30,,,7\n"
MANAGER, PAYER = "H. Sand, performance_manager", "K. Bro, payer"


@dataclass(frozen=True)
class Told:
    """A world with three contracts, and where its bundles go."""

    world: World

    def bundle(self, name: str, *args: str) -> bytes:
        """The bytes of an exported bundle."""
        file = self.world.folder / f"{name}.zip"
        self.world.done("export", "bundle", "-o", file, *args, by=None)
        return file.read_bytes()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A contract measured by sick leave; one that divides its savings; Norrköping's; sealed."""
    folder = tmp_path_factory.mktemp("tiered")
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}").settled()
    world.at = "2022-04-20T09:00"
    _portfolio(world)
    _norrkoping(world)
    key = folder / "key"
    world.done("seal", "new-key", "tiny.se/operator", key)
    world.done("seal", "--key", key)
    return Told(world)


def _portfolio(world: World) -> None:
    def done(*args: str | Path) -> None:
        world.done("tiered", *args, by=PAYER)

    done("sign", world.file("portfolio.toml", PORTFOLIO))
    done("report", "portfolio", world.file("places.csv", PLACES))
    done("determine", "portfolio", "--on", "2019-06-30")
    for role in ("payer", "investor"):
        done("agree", "portfolio/D1", "--by", role, "--on", "2019-07-01")


def _norrkoping(world: World) -> None:
    def done(*args: str | Path, by: str = MANAGER) -> None:
        world.done("tiered", *args, by=by)

    done("sign", FIXTURES / "contracts" / "norrkoping.toml", "--on", "2016-02-15")
    for name in ("activity-cost", "social-costs"):
        done("report", "norrkoping", FIXTURES / "norrkoping" / f"{name}-synthetic.csv")
    done("determine", "norrkoping", "--on", "2019-03-31")
    for role in ("payer", "investor"):
        done("agree", "norrkoping/D1", "--by", role, "--on", "2019-04-30")
    sides = ("--from", "payer", "--to", "investor", "--on", "2019-06-03", "--bank-reference", "B1")
    done("pay", "norrkoping", "outcome", "3834400", *sides, by=PAYER)


def verdicts(data: bytes, given: OutOfBand | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The verdicts of both programs."""
    return by_soc(data, given or OutOfBand()), by_verify_py(data, given or OutOfBand())


def members(data: bytes, folder: Path) -> Mapping[str, Any]:
    """What the JSON members say."""
    file = folder / "looked-at.zip"
    file.write_bytes(data)
    with zipfile.ZipFile(file) as taken:
        return {name: json.loads(taken.read(name)) for name in taken.namelist() if name.endswith(".json")} | {
            "README.txt": taken.read("README.txt").decode(),
            "events.jsonl": [json.loads(line) for line in taken.read("events.jsonl").splitlines()],
        }


# ── What is right ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_contract_settled_by_tiers_alone(story: Told, tmp_path: Path) -> None:
    data = story.bundle("norrkoping", "--contract", "norrkoping")
    ours, theirs = verdicts(data)
    assert ours["bad"] == theirs["bad"] == []
    assert ours["parts"]["recomputed"] == theirs["parts"]["recomputed"]
    said = ours["parts"]["recomputed"]
    assert (said["determinations"], said["states"]) == (1, 7)
    assert (said["status"], said["says"]) == ("yes", "1 determinations and 7 states come out to the öre as they are recorded")
    assert not any("absence lines" in one for one in [*ours["not_proven"], *theirs["not_proven"]])
    assert ours["parts"]["complete"] == theirs["parts"]["complete"]
    assert ours["parts"]["complete"]["status"] == "partly"
    assert "what is shown ends for norrkoping with record" in ours["parts"]["complete"]["says"]
    held = members(data, tmp_path)
    assert held["manifest.json"]["contracts"] == ["norrkoping"]
    shown = {one["stream"] for one in held["events.jsonl"] if one is not None}
    assert {one.partition("/")[0] for one in shown} == {"ledger", "tiered", "trend"}
    assert [name for name in held if name.startswith("terms/")] == [f"terms/norrkoping-{_signed(held)}.json"]
    assert held["states.json"]["norrkoping"][-1]["parties"]["investor"]["paid"] == "3834400.00"
    assert held["states.json"]["norrkoping"][-1]["tiers"][0]["given"] == {"investor": "3834400.00"}
    assert "record of norrkoping as it stood" in held["README.txt"]
    assert "SAMPLE" not in held["README.txt"]


def _signed(held: Mapping[str, Any]) -> int:
    return next(int(one["position"]) for one in held["events.jsonl"] if one is not None and one["type"] == "TieredSigned@1")


@pytest.mark.parametrize("audience", ["public", "provider", "auditor"])
def test_all_contracts_of_a_ledger(story: Told, tmp_path: Path, audience: str) -> None:
    data = story.bundle("all", "--audience", audience)
    ours, theirs = verdicts(data)
    assert ours["bad"] == theirs["bad"] == []
    assert ours["parts"] == theirs["parts"]
    assert ours["not_proven"] == theirs["not_proven"]
    assert ours["parts"]["complete"]["status"] == "yes"
    held = members(data, tmp_path)
    assert held["manifest.json"]["contracts"] == ["norrkoping", "portfolio", "tiny"] == list(held["states.json"])


def test_what_divides_savings_comes_with_the_contract_that_saved(story: Told, tmp_path: Path) -> None:
    data = story.bundle("portfolio", "--contract", "portfolio", "--audience", "payer")
    ours, theirs = verdicts(data)
    assert ours["bad"] == theirs["bad"] == []
    assert ours["parts"]["recomputed"]["status"] == theirs["parts"]["recomputed"]["status"] == "yes"
    held = members(data, tmp_path)
    assert held["manifest.json"]["contracts"] == ["portfolio", "tiny"]
    assert held["states.json"]["portfolio"][-1]["amounts"]["savings"] == held["states.json"]["tiny"][-1]["savings"]["determined"]


def test_another_contract_leaves_them_out_and_says_so(story: Told) -> None:
    data = story.bundle("tiny", "--contract", "tiny", "--audience", "payer")
    ours, theirs = verdicts(data)
    assert ours["bad"] == theirs["bad"] == []
    for verdict in (ours, theirs):
        assert "of them are not shown" in verdict["parts"]["complete"]["says"]
        assert (
            "That the records that are not shown are of other contracts: they may be later records of these."
            in verdict["not_proven"]
        )


def test_lines_are_for_their_employer_alone(story: Told) -> None:
    refused = story.world.soc("export", "bundle", "-o", story.world.folder / "no.zip", "--audience", "payer", by=None)
    assert refused.code != 0
    assert "these contracts have several: Lilla kommun, Norrköpings kommun" in refused.err
    sampled = ("--contract", "norrkoping", "--audience", "auditor", "--sample", "3")
    assert "measured by sick leave" in story.world.soc("export", "bundle", "-o", "-", *sampled, by=None).err
    unknown = story.world.soc("export", "bundle", "-o", "-", "--contract", "nobody", by=None)
    assert "contracts on record: norrkoping, portfolio, tiny" in unknown.err


# ── Crimes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def honest(story: Told, tmp_path_factory: pytest.TempPathFactory) -> Honest:
    """The bundle of all three contracts, signed and stamped by the corpus's people."""
    return prepared(story.bundle("honest"), Authority(tmp_path_factory.mktemp("stamps") / "authority", "Tidsstämplaren"))


def last(sort: str, having: Callable[[dict[str, Any]], Any] = lambda data: True) -> Callable[[Any], int]:
    """The last shown record of a sort that has something."""

    def find(honest: Any) -> int:
        found = [at for at in honest.every(sort) if having(honest.records[at]["data"])]
        if not found:
            raise Lacking(f"no such {sort} is shown")
        return found[-1]

    return find


def put(*path: Any, by: int = 0, value: Any = None) -> Callable[[dict[str, Any]], None]:
    """More of an amount, or another value."""

    def change(record: dict[str, Any]) -> None:
        at: Any = record
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = at[path[-1]] + by if by else value

    return change


CRIMES = {
    "a tier's amount": Alteration(last("TiersDetermined"), put("data", "given", 0, "amount_ore", by=100)),
    "an amount that was found": Alteration(last("TiersDetermined"), put("data", "amounts", 0, "amount_ore", by=100)),
    "what is kept": Alteration(last("TiersDetermined"), put("data", "kept", 0, "amount_ore", by=-100)),
    "a condition": Alteration(last("TiersDetermined"), put("data", "conditions", 0, "met", value=True)),
    "a claim": Alteration(last("TiersAgreed", lambda data: data["claims"]), put("data", "claims", 0, "amount_ore", by=100)),
    "a claim's day": Alteration(
        last("TiersAgreed", lambda data: data["claims"]), put("data", "claims", 0, "payable_on", value="2019-06-01")
    ),
    "who determined": Alteration(last("TiersDetermined"), put("recorded_by", "role", value="investor")),
    "who agreed": Alteration(last("TiersAgreed"), put("data", "role", value="technical_advisor")),
    "a row of a metric not in the terms": Alteration(last("MetricsReported"), put("data", "rows", 0, "metric", value="weather")),
    "a payment by another": Alteration(last("TieredPaid"), put("data", "payer", value="technical_advisor")),
    "the number of a payment": Alteration(last("TieredPaid"), put("data", "number", by=1)),
    "the terms of a determination": Alteration(last("TiersDetermined"), put("data", "terms_sha256", value="0" * 64)),
}
"""What is recorded wrongly, in the record that both name first."""


@pytest.mark.parametrize("name", CRIMES)
def test_both_verifiers_name_what_was_done(honest: Honest, name: str) -> None:
    """By somebody who changes the record alone, by one who makes all fit that needs no key, and by the operator."""
    crime, given = CRIMES[name], OutOfBand([str(honest.operator.verifier)])
    position, _ = crime.altered(honest)
    for made, part in ((crime.clumsy, "intact"), (crime.rehashed, None), (crime.signed_anew, "recomputed")):
        ours, theirs = verdicts(made(honest), given)
        assert ours["verdict"] == theirs["verdict"] == "failed"
        assert statuses(ours) == statuses(theirs)
        assert named(ours)[0] == named(theirs)[0], (name, made)
        assert part is None or named(ours)[0] == (part, f"record {position}")


@pytest.mark.parametrize(
    ("metric", "row", "tells"), [("activity-cost", 0, True), ("social-costs", 0, True), ("social-costs", 1, False)]
)
def test_a_row_changed_makes_wrong_what_rests_on_it(honest: Honest, metric: str, row: int, tells: bool) -> None:
    """A reported row is a fact: that it was another cannot be told from it, but what was determined upon it can. On what the
    baseline cost in the second year nothing rests yet."""
    find = last("MetricsReported", lambda data: data["rows"][0]["metric"] == metric)
    crime = Alteration(find, put("data", "rows", row, "amount_ore", by=100))
    ours, theirs = verdicts(crime.signed_anew(honest), OutOfBand([str(honest.operator.verifier)]))
    wrong = [("recomputed", f"record {honest.every('TiersDetermined')[-1]}")] if tells else []
    assert named(ours) == named(theirs) == wrong


def test_a_stated_figure_of_the_tiers(honest: Honest) -> None:
    stated = json.loads(honest.members["states.json"])
    stated["norrkoping"][-1]["parties"]["investor"]["due"] = "1.00"
    day = stated["norrkoping"][-1]["as_of"]
    crime = changed(
        honest, {"states.json": json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()}
    )
    for verdict in verdicts(crime):
        assert named(verdict) == [("recomputed", f"state of norrkoping as of {day}")]
        assert "parties.investor.due is 1.00, recomputed 0.00" in verdict["bad"][0]["what"]


def test_as_they_are_called(honest: Honest, tmp_path: Path) -> None:
    file, script = tmp_path / "bundle.zip", tmp_path / "verify.py"
    script.write_text(joined(), encoding="utf-8")
    position, _ = CRIMES["a claim"].altered(honest)
    for data, code in ((zipped(honest.members), 0), (CRIMES["a claim"].signed_anew(honest), 3)):
        file.write_bytes(data)
        options = ["--key", str(honest.operator.verifier)]
        done = subprocess.run(
            [sys.executable, "-I", str(script), str(file), *options], capture_output=True, text=True, cwd=tmp_path
        )
        ours = run(["verify", str(file), *options])
        assert (done.returncode, ours.code, done.stderr) == (code, code, "")
        for out in (done.stdout, ours.out):
            assert (f"record {position} (recomputed)" in out) == bool(code)
