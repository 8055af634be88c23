"""One question put to every contract of a ledger: in this process, in several, or on a Dask scheduler (decision 14).

Contracts share nothing but the national series, so a question is a function of the record and one contract's id. Every
worker opens the ledger by its URL and reads it up to one fixed record: what is recorded meanwhile changes no answer, and
the answers are the same, in the same order, wherever they were found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from multiprocessing import get_all_start_methods, get_context
from typing import Any, Generic, TypeVar

from ledger.errors import LedgerError, Usage, VerificationFailed
from ledger.events import Basis
from ledger.facts import Facts, contract_stream
from ledger.log import Log
from ledger.recorder import Head

T = TypeVar("T")

Question = Callable[[Facts, str], T]
"""The record and a contract's id → a value. A function at a module's top, or a partial of one, so that it can be sent."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What the question gave for one contract: a value, or what stands against it in words and its exit code."""

    contract: str
    value: T | None
    error: str | None = None
    exit_code: int = 0


Task = Callable[[str], Answer[T]]
Place = Callable[[Callable[[str], Answer[Any]], Sequence[str]], Iterator[Answer[Any]]]
"""Where contracts are asked: a task and contract ids → their answers, in the order of the ids."""


def ask(url: str, basis: Basis, question: Question[T], contracts: Sequence[str], on: Place | None = None) -> Iterator[Answer[T]]:
    """The question's answer for each of the contracts, in their order, as the record stood at ``basis``.

    ``url`` must mean the same ledger wherever the question is asked. A contract that cannot be answered has an error in its
    place, and takes no other with it. Raises Usage where the place cannot be reached.
    """
    return (on or here)(partial(answer, url, basis, question), contracts)


def answer(url: str, basis: Basis, question: Question[T], contract: str) -> Answer[T]:
    """One contract's answer; every error becomes that contract's own."""
    try:
        log, head = _opened(url, basis)
        return Answer(contract, question(log.facts(head), contract))
    except LedgerError as error:
        return Answer(contract, None, str(error), error.exit_code)
    except (ValueError, LookupError) as error:
        said = f"its records do not read ({type(error).__name__}: {error})\n  → see which with: soc check"
        return Answer(contract, None, said, VerificationFailed.exit_code)
    except Exception as error:
        return Answer(contract, None, f"a fault of ours: {type(error).__name__}: {error}", LedgerError.exit_code)


@lru_cache(maxsize=1)
def _opened(url: str, basis: Basis) -> tuple[Log, Head]:
    """The ledger, and its head at the basis. Raises VerificationFailed where another ledger stands at the URL."""
    log = Log.open(url)
    head = log.recorder.head_at(basis.position)
    if head.root.hex() != basis.root:
        raise VerificationFailed(
            f"another ledger stands at {log.recorder.place}: its record {basis.position} has not the fingerprint asked for",
            do="give a URL that means the same ledger on every machine",
        )
    return log, head


def signed(log: Log, position: int) -> list[str]:
    """The ids of the contracts on record at a position, in order."""
    names = (name.removeprefix("contract/") for name in log.recorder.streams("contract/"))
    return [one for one in names if next(log.recorder.rows([contract_stream(one)], upto=position), None)]


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def here(task: Task[T], contracts: Sequence[str]) -> Iterator[Answer[T]]:
    """In this process, one after the other."""
    return map(task, contracts)


def processes(count: int) -> Place:
    """In ``count`` processes of this machine, which start clean: nothing of this one is copied into them."""

    def run(task: Task[T], contracts: Sequence[str]) -> Iterator[Answer[T]]:
        executor = _executor(count)
        try:
            futures = [executor.submit(task, contract) for contract in contracts]
            for contract, future in zip(contracts, futures, strict=True):
                try:
                    yield future.result()
                except BrokenExecutor:  # some process died, and took the waiting contracts with it
                    yield _alone(task, contract)
        finally:
            executor.shutdown(cancel_futures=True)

    return run


def _alone(task: Task[T], contract: str) -> Answer[T]:
    """The contract's answer from a process of its own, so that if it dies again it is known of whom."""
    with _executor(1) as executor:
        try:
            return executor.submit(task, contract).result()
        except BrokenExecutor:
            said = "the process that read it was ended from outside, perhaps for want of memory"
            return Answer(contract, None, f"{said}\n  → ask for it alone, with --processes 1", LedgerError.exit_code)


def _executor(count: int) -> ProcessPoolExecutor:
    if "forkserver" not in get_all_start_methods():
        return ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin)
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, "projections.fleet_measure"])  # imported once, its memory shared
    return ProcessPoolExecutor(count, context, initializer=_begin)


def _begin() -> None:
    """An interruption is the parent's to handle. What is imported stays: the search for garbage need not walk it again."""
    import gc
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


def scheduler(address: str, wait: int = 10) -> Place:
    """On the workers of a Dask scheduler, such as ``tcp://host:8786``. They need this version of soc-ledger, and the ledger's
    URL must lead them to the same ledger. Raises Usage where Dask is not installed, or the scheduler does not answer within
    ``wait`` seconds or has no workers."""

    def run(task: Task[T], contracts: Sequence[str]) -> Iterator[Answer[T]]:
        with _client(address, wait) as client:
            futures = client.map(task, contracts, pure=False)
            for contract, future in zip(contracts, futures, strict=True):
                try:
                    yield future.result()
                except Exception as error:  # a worker that died, or does not know our code: Dask's errors are many
                    said = f"no worker of {address} could answer: {type(error).__name__}: {error}"
                    yield Answer(contract, None, said, LedgerError.exit_code)

    return run


def _client(address: str, wait: int) -> Any:
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise Usage("Dask is not installed here", do='install it with: pip install "soc-ledger[cluster]"') from None
    try:
        client = distributed.Client(address, timeout=wait, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Usage(f"no Dask scheduler answers at {address}: {error}", do="start one with: dask scheduler") from None
    if not client.scheduler_info(n_workers=-1)["workers"]:
        client.close()
        raise Usage(f"the scheduler at {address} has no workers", do=f"start one with: dask worker {address}")
    return client
