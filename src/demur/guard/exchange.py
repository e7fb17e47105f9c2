"""One guarded exchange in the making: what was asked, what ran, who said no, and what came of it."""

import time
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Any, TypeVar

from demur.errors import DemurError, EndpointError
from demur.guard.audit.event import DecidedBy, RailRun, RefusedBy
from demur.guard.callers import Caller
from demur.guard.decision import ALLOW, Decision, Rail
from demur.guard.guard import Guard
from demur.guard.rails import Judged, Seen
from demur.guard.rails.saying_no import likelihood_of_no
from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Match
from demur.guard.timing import ms_since
from demur.guard.wire.conversation import Conversation
from demur.guard.wire.dialect import ReplyRail
from demur.guard.wire.said import Said
from demur.guard.wire.upstream import Header
from demur.types import Outcome

__all__ = ["ACTIONS", "Exchange", "RailFailedError", "digest"]

T = TypeVar("T")

_LIKELY_NO = 0.5
"""Likelihood from which a reply that has left is read, to know whether the model refused: nine in ten refusals, one answer in five."""
_LONGEST_ERROR = 300
ACTIONS = frozenset({"block", "clarify", "escalate"})
"""After which the model is not asked."""


class RailFailedError(DemurError):
    """A rail broke, and the policy says that nothing passes without it."""


class Exchange:
    """Gathers what happens from a request to the end of its answer; `event_of` says it."""

    def __init__(
        self, caller: Caller, asked: Conversation, *, path: str, address: str | None, began: float, is_shadow: bool
    ) -> None:
        """Begin.

        Args:
            caller: who asks.
            asked: what is asked, with the turns before.
            path: of the request, without its query.
            address: of the client, already hashed.
            began: when the request came, by `time.perf_counter`.
            is_shadow: whether nothing is enforced.
        """
        self.caller, self.asked, self.path = caller, asked, path
        self.is_shadow = is_shadow
        self._began = began
        self.at = time.time() - (time.perf_counter() - began)
        """When it came: seconds since 1970."""
        self.address = address
        self.runs: list[RailRun] = []
        """Of rails, in their order."""
        self.decision: Decision = ALLOW
        """About the request; and of a reply, once that is blocked or warned of."""
        self.rail: DecidedBy | None = None
        """Which one decided."""
        self.harm: float | None = None
        self.said = Said()
        self.own: str | None = None
        """What the guard said in the model's place."""
        self.outcome: Outcome | None = None
        """Of the reply, by the judge; None where nobody read it."""
        self.judged: str | None = None
        """Of the reply's texts the one that the judge blocked or warned of."""
        self.refused: list[RefusedBy] = []
        """Rails and limits that said no."""
        self.finish: str | None = None
        self.error: str | None = None
        self.status = 0
        self.latency_s = 0.0
        self.first_byte_s: float | None = None
        self._is_read = False
        self._has_passed_over = False
        """Whether rules of the output rail broke on a piece of the reply, and it went on."""

    @property
    def guard(self) -> Guard:
        """What decides."""
        return self.caller.guard

    @property
    def is_enforced(self) -> bool:
        """Whether the model is not asked, on account of the decision."""
        return not self.is_shadow and self.decision.action in ACTIONS

    def see(self) -> None:
        """Put the request on the input rail.

        Raises:
            RailFailedError: the rail broke, and fails closed.
        """
        seen = self._run("input", lambda: self.guard.see(self.asked), lambda seen: seen.decision.action)
        if seen is not None:
            self._note_seen(seen)

    def _note_seen(self, seen: Seen) -> None:
        self.harm = seen.harm
        if seen.harm is None:
            self._skip("intent", "the policy does not ask the classifier, or nothing is said")
        if seen.is_cut:
            self._skip("views", "the text has more readings than are looked at")
        if self.asked.is_history_unknown:
            self._skip("conversation", "the turns before were not seen here")
        self._decide(seen.decision, "input")

    def answer(self) -> str | None:
        """Say what the guard says in the model's place; None where the model is to be asked."""
        if not self.is_enforced:
            return None
        self.own = self.guard.answer(self.asked, self.decision)
        self.finish = "content_filter" if self.decision.action == "block" else "stop"
        if self.decision.action == "block":
            self.refused.append("input")
        return self.own

    def limited(self, which: str | None) -> None:
        """Take in that a limit said no."""
        self.rail = "limit"
        self.decision = Decision("block", None, which)
        self.refused.append("limit")

    def block_reply(self, match: Match) -> str:
        """Take in that a rule blocked the reply, and give what is said in its place."""
        decision = self.guard.output.decision(match)
        self._decide(decision, "output")
        return self._refuse_reply(decision)

    def hold_back(self) -> HoldBack:
        """Make the hold-back of a text of the reply."""
        return self.guard.output.hold_back(self._pass_over)

    def _pass_over(self, error: Exception) -> bool:
        """Take in that rules broke on a piece of the reply, if the policy lets that pass; tell whether it does."""
        is_open = self._is_open("output")
        if is_open:
            self._has_passed_over = True
            self._note_error("output", error)
        return is_open

    def hear(self, said: Said) -> None:
        """Take on what is gathered of the reply: all of it where the judge is to read it."""
        self.said = said
        said.keeps_all = self.guard.output.is_suspect(self.harm)

    def check(self, rail: ReplyRail, reply: Mapping[str, Any]) -> dict[str, Any] | None:
        """Put a whole reply on the output rail; give it with what is blocked replaced, None where nothing is.

        Raises:
            EndpointError: it is no reply. RailFailedError: the rail broke, and fails closed.
        """
        self.hear(rail.said)

        def check() -> dict[str, Any] | None:
            checked = rail.check(reply)
            self.warn(rail.warned)
            return checked

        return self._run("output", check, lambda _: self.rail_result)

    def judge(self) -> str | None:
        """Judge the reply that has come; give what is to be said in its place, None where it may stay.

        Raises:
            RailFailedError: the judge broke, and the output rail fails closed.
        """
        rail = self.guard.output
        if self.decision.action != "block" and not rail.is_suspect(self.harm):
            self._skip("judge", "the request was not suspect")
            return None
        judged = self._run("judge", lambda: rail.judge(self.said, self.asked.turns, self.harm), _word)
        if self.said.is_cut:
            self._skip("judge", "the reply has more texts than are read")
        self.said.drop()
        if judged is None:
            return None
        self._is_read = True
        self.outcome = judged.verdict.outcome
        if judged.decision.action == "allow":
            return None
        self._decide(judged.decision, "output")
        self.judged = judged.text
        is_blocked = judged.decision.action == "block" and not self.is_shadow
        return self._refuse_reply(self.decision) if is_blocked else None

    @property
    def is_unread(self) -> bool:
        """Whether the reply may be a refusal and nobody has read it."""
        return not self._is_read and not self.said.refusal and likelihood_of_no(self.said.text) >= _LIKELY_NO

    def read(self, outcome: Outcome | None, ms: float) -> None:
        """Take in what the judge says of a reply that has left."""
        self._is_read, self.outcome = True, outcome
        self.runs = [run for run in self.runs if run.rail != "judge"]
        self.ran("judge", str(outcome), ms)

    def end(self, status: int, *, first_byte_s: float | None) -> None:
        """Take in how the answer ended.

        Args:
            status: HTTP.
            first_byte_s: from the request to the first byte; None where the answer leaves as a whole, when it is recorded.
        """
        self.status, self.latency_s = status, time.perf_counter() - self._began
        self.first_byte_s = self.latency_s if first_byte_s is None else first_byte_s

    def _refuse_reply(self, decision: Decision) -> str:
        if not self.is_shadow:
            self.finish = "content_filter"
            if not self.has_blocked_reply:
                self.refused.append("output")
        self.own = self.guard.refuse(decision.category, self.asked)
        return self.own

    @property
    def rail_result(self) -> str:
        """What the rules of the output rail came to; an error where they broke on a piece of the reply, whatever they found elsewhere."""
        if self._has_passed_over:
            return "error"
        return self.decision.action if self.rail == "output" else "allow"

    def warn(self, matches: Iterable[Match]) -> None:
        """Take in what rules that only warn found in the reply."""
        for match in matches:
            self._decide(self.guard.output.decision(match), "output")

    def _decide(self, decision: Decision, rail: Rail) -> None:
        """Keep the gravest decision, the earlier of two alike."""
        if _GRAVITY.index(decision.action) > _GRAVITY.index(self.decision.action):
            self.decision, self.rail = decision, rail

    def _run(self, rail: str, work: Callable[[], T], word: Callable[[T], str]) -> T | None:
        began = time.perf_counter()
        try:
            done = work()
        except EndpointError:  # the reply is none; the rail is well
            raise
        except Exception as error:
            if (failure := self.failed(rail, error, ms_since(began))) is not None:
                raise failure from error
            return None
        self.runs.append(RailRun(rail, word(done), ms_since(began), None))
        return done

    def failed(self, rail: str, error: Exception, ms: float) -> RailFailedError | None:
        """Take in that a rail broke, and give the error that the policy has in place of an answer; None if it goes on without.

        A rail that broke when it had blocked something lets nothing pass, whatever the policy says.
        """
        self.runs.append(RailRun(rail, "error", ms, None))
        self._note_error(rail, error)
        return (
            None if self._is_open(rail) else RailFailedError(f"the {rail} rail failed, and nothing passes without it")
        )

    def _note_error(self, rail: str, error: Exception) -> None:
        self.error = f"{rail}: {type(error).__name__}: {error}"[:_LONGEST_ERROR]

    def _is_open(self, rail: str) -> bool:
        mode = self.guard.policy.fail.input if rail == "input" else self.guard.policy.fail.output
        return self.is_shadow or (mode == "open" and not self.has_blocked_reply)

    def ran(self, rail: str, result: str, ms: float) -> None:
        """Take in that something ran that is no rail of this wing: a limit, the rules of a reply."""
        self.runs.append(RailRun(rail, result, ms, None))

    def _skip(self, rail: str, why: str) -> None:
        self.runs.append(RailRun(rail, "skipped", 0.0, why))

    def headers(self) -> tuple[Header, ...]:
        """Give the headers that tell the caller what was decided so far; none if the policy does not want it."""
        if not self.guard.policy.tell:
            return ()
        decision = self.decision
        told: list[tuple[bytes, str]] = [(b"x-demur-decision", decision.action)]
        told += [(b"x-demur-category", decision.category)] if decision.category else []
        told += [(b"x-demur-rule", decision.rule)] if decision.rule else []
        told += [(b"x-demur-refused-by", ", ".join(self.refused))] if self.refused else []
        return tuple((name, value.encode("ascii", "replace")) for name, value in told)

    @property
    def conversation(self) -> str:
        """What the exchanges of one conversation have in common: its beginning, by the same caller."""
        if self.asked.root is not None:
            return self.asked.root
        first = next((turn.text for turn in self.asked.turns if turn.role == "user"), "")
        return digest(f"{self.caller.name}\n{self.address}\n{first}")

    @property
    def has_blocked_reply(self) -> bool:
        """Whether the output rail said no."""
        return "output" in self.refused


_GRAVITY = ("allow", "warn", "clarify", "block", "escalate")


def _word(judged: Judged) -> str:
    return str(judged.verdict.outcome)


def digest(text: str) -> str:
    """Give what tells texts apart, and says nothing of them."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
