"""The script that a consultant would write instead: pandas, one CSV file of spells a contract, net days by month and workplace.

It is handed what the ledger must work out first: which spells are in force. It knows one date axis and no methodology.
``python -m tests.benchmarks.consultant FOLDER PROCESSES`` prints the net days of all files together.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd

DAY = pd.Timedelta(days=1)
TYPES = {"employee": "int32", "workplace": "category", "extent": "int16", "cause": "category"}


def net_days(file: Path) -> pd.Series:
    """Hundredths of net days (Monday to Friday, numbered 1 to 14 in their sick-pay period) by month and workplace."""
    dates = ["first_day", "last_day"]
    spells = pd.read_csv(file, dtype=TYPES, parse_dates=dates, date_format="%Y-%m-%d").sort_values(["employee", "first_day"])
    latest = spells.groupby("employee")["last_day"].cummax().groupby(spells["employee"]).shift()
    gap = (spells["first_day"] - latest).dt.days
    continues = gap <= 5
    after = (latest + DAY).dt.day_of_week
    weekend = ((gap == 2) & (after >= 5)) | ((gap == 3) & (after == 5))
    bridged = (gap - 1).where(continues & weekend, 0).astype("int64")
    start = spells["first_day"].where(~(latest >= spells["first_day"]), latest + DAY)
    days = ((spells["last_day"] - start).dt.days + 1).clip(lower=0)
    absent = days + bridged
    before = absent.groupby((~continues).cumsum()).cumsum() - absent + bridged
    counted = (14 - before).clip(lower=0).clip(upper=days)
    single = spells[["workplace", "extent"]].assign(start=start)
    single = single.loc[single.index.repeat(counted)]
    single["day"] = single["start"] + pd.to_timedelta(single.groupby(level=0).cumcount(), unit="D")
    single = single[single["day"].dt.day_of_week < 5]
    months = single["day"].dt.to_period("M")
    return single.groupby([months, "workplace"], observed=True)["extent"].sum()


def main() -> None:
    """Every file, in so many processes; the total, in hundredths."""
    files = sorted(Path(sys.argv[1]).glob("*.csv"))
    with ProcessPoolExecutor(int(sys.argv[2])) as pool:
        found = dict(zip([file.stem for file in files], pool.map(net_days, files), strict=True))
    print(int(pd.concat(found).sum()) if found else 0)


if __name__ == "__main__":
    main()
