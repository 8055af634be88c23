"""Which account of the payer's own books stands for each account of the ledger: one TOML file a contract, without defaults.

A municipality chooses its own account numbers (Kommun-BAS is voluntary), so that every one is the reader's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from ledger.errors import Fault, InputRefused
from ledger.terms import Text
from ledger.toml_files import faults_of, read_toml
from ledger.vocabulary import Frozen
from projections.accounting.vouchers import BOOKABLE

Form = Literal["sie", "hledger", "beancount"]
"""What a file is written for."""


def _like(pattern: str, example: str) -> AfterValidator:
    """Text that matches a pattern; the example says what is wanted."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not written as {example}")
        return text

    return AfterValidator(check)


def _hledger(name: str) -> str:
    """Parts between colons; two spaces would end the name, and some characters mean something else. Raises ValueError."""
    strange = "  " in name or not name.isprintable() or re.search(r"[;\"|\[\](){}*!=@]", name)
    if strange or any(not part or part != part.strip() for part in name.split(":")):
        raise ValueError(f"{name!r} is not a name that hledger reads; write parts with colons between, as Skulder:Provider")
    return name


def _beancount(name: str) -> str:
    """A root of beancount's and at least one part that begins with a capital or a digit. Raises ValueError."""
    root, *parts = name.split(":")
    written = all(re.fullmatch(r"[A-ZÅÄÖ0-9][A-Za-zÅÄÖåäö0-9-]*", part) for part in parts)
    if root not in BEANCOUNT_ROOTS or not parts or not written:
        roots = ", ".join(BEANCOUNT_ROOTS)
        raise ValueError(f"{name!r} is not a name that beancount reads; begin with one of {roots}, and each part with a capital")
    return name


BEANCOUNT_ROOTS = ("Assets", "Liabilities", "Equity", "Income", "Expenses")


class Company(Frozen):
    """Whose books they are. ``financial_year_begins``: the number of its first month; ``chart``: the kind of chart of accounts,
    as SIE's #KPTYP says it."""

    name: Text
    organisation_number: Annotated[str, _like(r"[0-9]{6}-[0-9]{4}", "212000-0000")]
    financial_year_begins: Annotated[int, Field(ge=1, le=12)]
    chart: Text | None = None


class Dimension(Frozen):
    """A dimension of the books, such as 1, the responsible unit (SIE 4, #DIM), and its objects: number → name."""

    number: Annotated[int, Field(ge=1, le=999)]
    name: Text
    objects: dict[str, Text]


class Account(Frozen):
    """An account of the books: number and name; its names in hledger and beancount where these are written; the object of each
    dimension that its rows carry."""

    number: Annotated[str, _like(r"[0-9]{3,8}", "7420")]
    name: Text
    hledger: Annotated[str, AfterValidator(_hledger)] | None = None
    beancount: Annotated[str, AfterValidator(_beancount)] | None = None
    objects: dict[str, str] = Field(default_factory=dict)

    def in_form(self, form: Form) -> str | None:
        """What the account is called in such a file; None where the map does not say."""
        return {"sie": self.number, "hledger": self.hledger, "beancount": self.beancount}[form]


class Loan(Frozen):
    """The internal loan, a claim and a debt within one legal person. ``export``: whether its vouchers are written at all; without
    them its accounts need not be named."""

    export: bool = True


class AccountMap(Frozen):
    """The map of one contract. ``series``: the voucher series of SIE; empty where the books number vouchers themselves."""

    contract: str
    series: Annotated[str, _like(r"[A-Za-z0-9]{0,10}", "SOC, nor empty")]
    company: Company
    loan: Loan = Loan()
    dimensions: tuple[Dimension, ...] = ()
    accounts: dict[str, Account]

    def names(self, form: Form) -> dict[str, str]:
        """Account of the ledger → its name in such a file; those that the map leaves out are not in it."""
        named = {account: one.in_form(form) for account, one in self.accounts.items()}
        return {account: name for account, name in named.items() if name is not None}


def read_account_map(content: bytes, file: str) -> AccountMap:
    """A map from TOML. Raises InputRefused with every fault."""
    try:
        found = AccountMap.model_validate(read_toml(content, file))
    except ValidationError as error:
        raise faults_of(error, content, file) from None
    lines = content.decode("utf-8-sig").splitlines()
    faults = [Fault(file, _line(lines, account), what) for account, what in _faults(found)]
    if faults:
        raise InputRefused(sorted(faults, key=lambda fault: fault.line or 0))
    return found


def require(found: AccountMap, contract_id: str, booked: Mapping[str, int], form: Form, file: str) -> None:
    """Refuse a map of another contract, and one that leaves out an account that is booked on: no default is invented.

    ``booked``: account of the ledger → the first record that is booked on it. Raises InputRefused with all that is missing.
    """
    if found.contract != contract_id:
        raise InputRefused([Fault(file, None, f"is the map of {found.contract}, not of {contract_id}")])
    names, wanted = found.names(form), "number" if form == "sie" else form
    faults = [
        Fault(file, None, f'accounts."{account}": {wanted} is missing; record {record} is booked on it', _SAY)
        for account, record in sorted(booked.items())
        if account not in names
    ]
    if faults:
        raise InputRefused(faults)


_SAY = "Say which account of the books it is; none is assumed."


def _faults(found: AccountMap) -> Iterator[tuple[str, str]]:
    """Account or dimension, and what is wrong with it."""
    for account in found.accounts:
        if account not in BOOKABLE:
            yield account, f'accounts."{account}" is not an account that is booked on; those are {", ".join(sorted(BOOKABLE))}'
    yield from _named_twice((account, one.number, one.name) for account, one in found.accounts.items())
    objects = {str(one.number): one.objects for one in found.dimensions}
    if len(objects) < len(found.dimensions):
        yield "dimensions", "dimensions: a number stands twice"
    for account, one in found.accounts.items():
        for dimension, number in one.objects.items():
            if number not in objects.get(dimension, {}):
                yield account, f'accounts."{account}": object {number} of dimension {dimension} is not listed in [[dimensions]]'


def _named_twice(accounts: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Several accounts of the ledger may share a number, under one name."""
    names: dict[str, str] = {}
    for account, number, name in accounts:
        if names.setdefault(number, name) != name:
            yield account, f'accounts."{account}": number {number} is called {names[number]!r} elsewhere'


def _line(lines: list[str], account: str) -> int | None:
    """The line of the account's table."""
    return next((number for number, line in enumerate(lines, 1) if line.strip().startswith("[") and account in line), None)
