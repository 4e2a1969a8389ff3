"""A dry run: the same tests on a caller that reads what is stored and notes what would be asked."""

from collections.abc import Callable, Sequence
from threading import Condition

from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.calling.ledger import Ledger, fingerprint
from pytest_vlmperception.calling.promise import Promise
from pytest_vlmperception.calling.store import Store
from pytest_vlmperception.calling.timing import typical_latency
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.models.base import Model, Provider
from pytest_vlmperception.records import Question

__all__ = ["Planned", "Planner"]

# Tokens of a question at most: of its text, of its pictures, and out.
Tokens = Callable[[Question], tuple[int, int, int]]


class Planned(BaseException):
    """An answer was read that a real run would ask for. No `except Exception` of a test may catch it."""


class Planner:
    """Stands where `Caller` does, and makes no call.

    A question whose reply is stored is answered from there. Any other is noted; where the built-in
    observer can answer it, its answer stands in, so that the test goes on and later questions are known
    too; otherwise reading it ends the test.

    Parameters
    ----------
    name : str
        What the user calls the model.
    provider : Provider
        Whom a real run would ask.
    store : Store
        Where replies are kept; read only.
    ledger : Ledger
        Where questions are counted.
    stand_in : Model or None
        The built-in observer, or the painter where it is the one to ask; None for nobody.
    tokens : callable
        Estimates the tokens of a question's text and pictures, and out, at most.
    explain : bool
        Whether questions that are not stored are noted, to say why.
    """

    def __init__(
        self,
        name: str,
        provider: Provider,
        store: Store,
        ledger: Ledger,
        stand_in: Model | None,
        tokens: Tokens,
        explain: bool = False,
    ) -> None:
        self.name = name
        self.provider = provider
        self._store = store
        self._ledger = ledger
        self._stand_in = stand_in
        self._tokens = tokens
        self._explain = explain
        identity = provider.identity
        ledger.known(name, identity.provider, identity.model, identity.base_url)
        self._asked: dict[Question, Promise] = {}

    @property
    def is_built_in(self) -> bool:
        """Whether the built-in observer or painter answers."""
        return self.provider.identity.is_built_in

    def submit_all(self, questions: Sequence[Question]) -> list[Promise]:
        """Return promises that are already done."""
        return [self.submit(question) for question in questions]

    def submit(self, question: Question) -> Promise:
        """Return a promise that is already done."""
        promise = self._asked.get(question)
        if promise is None:
            promise = self._asked[question] = Promise(Condition())
            self._resolve(question, promise)
        return promise

    def _resolve(self, question: Question, promise: Promise) -> None:
        for picture in question.shown:
            picture.when_there(nothing)
        lost = next((picture.lost for picture in question.shown if picture.lost is not None), None)
        if lost is not None:
            self._put_off(question, promise, lost)
            return
        parts = key_parts(self.provider.identity, question)
        key = key_of(parts)
        row = self._store.get(key)
        if row is not None:
            self._ledger.hit(self.name, key, row.reply)
            promise.settle(row.reply)
            return
        if self._explain:
            self._ledger.missed(self.name, key, parts)
        self._ledger.planned(self.name, key, *self._tokens(question))
        try:
            reply = None if self._stand_in is None else self._stand_in.ask(question)
        except CallError:
            reply = None
        if reply is None or reply.kind != "answered":
            promise.settle(Planned())
        else:
            promise.settle(reply)

    def _put_off(self, question: Question, promise: Promise, lost: BaseException) -> None:
        """Settle a question whose picture is not there; a real run would ask it once the picture is made."""
        if isinstance(lost, Planned):
            name = f"not made/{fingerprint(self.name, question)}"
            self._ledger.planned(self.name, name, *self._tokens(question))
        promise.settle(lost)

    def wait_for_calls(self, promise: Promise) -> None:
        """Do nothing: every promise is done."""

    def note_unusable(self, question: Question, kind: str) -> None:
        """Count nothing: what stands in is no answer."""

    def note_not_made(self, question: Question, kind: str) -> None:
        """Count nothing, for the same reason."""

    def stop(self) -> None:
        """Do nothing: nothing is queued."""

    def close(self) -> None:
        """Count how long the model took so far, to tell how long a real run takes."""
        typical = typical_latency(self._store, self.provider.identity)
        if typical is not None:
            self._ledger.timed(self.name, *typical)


def nothing() -> None:
    """Do nothing: here all that is made is made at once."""
