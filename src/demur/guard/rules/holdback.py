"""What of a streamed reply may leave: everything that no match can reach any more, and nothing else."""

from collections.abc import Callable

from demur.guard.rules.frontier import Standing
from demur.guard.rules.patterns import Match, RuleSet, encodable

__all__ = ["GoesOn", "HoldBack"]

GoesOn = Callable[[Exception], bool]
"""Is told that rules broke, and tells whether what they were to look at passes; where it does not, the error is raised."""
_BATCH = 256
"""Released characters that are searched for warnings together: they wait for nothing, so no haste."""
_LEAP = 64
"""Characters beyond the longest match from which on a chunk is first searched as a whole."""


class HoldBack:
    """One channel of one choice of a streamed reply: content, refusal, reasoning or the arguments of a tool.

    Blocking rules hold text back. What was seen leaves up to the first place where a match of such a rule could still
    be going on: where the text from there to the end is the beginning of a match, or is one that could be longer or
    that asks what follows. Most chunks of ordinary text leave at once. What is held reaches back as far as the longest
    match of any blocking rule (`RuleSet.furthest`) and no further, and that far only while a match is under way.

    The first match of a blocking rule, as `RuleSet.find` has it for the whole text, ends the channel: what had left by
    then is the text before it, and nothing follows. Warning rules hold nothing back; they are looked for in the text
    that leaves, as `RuleSet.find` has it for all of that.

    All of this is the same for every way of cutting the text into chunks. Memory is constant: the held text, and some
    hundred characters that wait to be searched for warnings.

    Args:
        rules: that are looked for.
        goes_on: whether a text goes on though they broke on it; what comes after the piece on which they did is looked at again.
    """

    def __init__(self, rules: RuleSet, goes_on: GoesOn = lambda _: False) -> None:
        self._rules, self._goes_on = rules, goes_on
        self._blocks = rules.furthest("block")
        self._frontier = rules.frontier
        self._text = ""
        """The last character that was given out, where there is one, and what is held."""
        self._clean = ""
        """The same with nothing that UTF-8 cannot write."""
        self._at = 0
        """Where in the text the held part begins: 0 or 1."""
        self._seen = 0
        self._watch = _Watch(rules)
        self.blocked: Match | None = None
        """The match that ended the channel, by its place in the whole text."""

    def whole(self, text: str) -> None:
        """Take a text that is there as a whole: the same as feeding it and ending, in one search."""
        try:
            self._search(text)
        except Exception as error:
            if not self._goes_on(error):
                raise

    @property
    def held(self) -> int:
        """Characters that were fed and neither given out nor dropped."""
        return 0 if self.blocked else len(self._text) - self._at

    @property
    def warned(self) -> list[Match]:
        """The first match of each warning rule in what was given out; complete after the end or a block."""
        return self._watch.found

    def feed(self, text: str) -> str:
        """Take the next chunk and give out what may leave; nothing after a block."""
        if self.blocked or not text:
            return ""
        self._seen += len(text)
        self._text += text
        self._clean += encodable(text)
        return self._release(is_over=False)

    def end(self) -> str:
        """Give out the rest, if there is no match in it; feed nothing afterwards."""
        if self.blocked:
            return ""
        return self._release(is_over=True)

    def _search(self, text: str) -> None:
        matches = self._rules.find(text)
        block = next((match for match in matches if self._rules[match.rule].action == "block"), None)
        if block is not None:
            self.blocked = block
            matches = self._rules.find(text[: block.start])
        self._watch.found = [match for match in matches if self._rules[match.rule].action == "warn"]

    def _release(self, *, is_over: bool) -> str:
        try:
            return self._look(is_over=is_over)
        except Exception as error:
            if not self._goes_on(error):
                raise
            return "" if self.blocked else self._let_go()

    def _let_go(self) -> str:
        """Give out what is held, at which nobody could look, and begin anew behind it."""
        released = self._text[self._at :]
        self._text, self._clean, self._at = "", "", 0
        self._watch.skip_to(self._seen)
        return released

    def _look(self, *, is_over: bool) -> str:
        to, is_match = self._decide(is_over=is_over) if self._blocks else (len(self._text), False)
        released = self._text[self._at : to]
        if is_match:
            offset = self._seen - len(self._text)
            self.blocked = self._first_block(to, offset)
            self._text = self._clean = ""
            self._at = 0
            self._watch.feed(released, is_over=True)
            return released
        if released or is_over:
            self._watch.feed(released, is_over=is_over)
        if released:
            self._text, self._clean, self._at = self._text[to - 1 :], self._clean[to - 1 :], 1
        return released

    def _decide(self, *, is_over: bool) -> tuple[int, bool]:
        """Find the first place that is open or where a match begins, and which of the two it is."""
        text, at, frontier = self._clean, self._at, self._frontier
        if (decided := len(text) - self._blocks) > at + _LEAP:
            first = self._first_block(at, 0)
            at = max(at, min(first.start if first else decided, decided))
        while (at := frontier.next(text, at)) < len(text):
            if (standing := frontier.look(text, at, is_over=is_over)) is not Standing.NOTHING:
                return at, standing is Standing.MATCH
            at += 1
        return at, False

    def _first_block(self, at: int, offset: int) -> Match | None:
        rules = self._rules
        for match in rules.find(self._clean, at):
            if rules[match.rule].action == "block":
                return Match(match.rule, match.start + offset, match.end + offset)
        return None


class _Watch:
    """Warnings in text that has left, looked for in batches."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._longest = rules.furthest("warn")
        self._text = ""
        self._at = 0
        """Where in the text the search goes on: 0 or 1, as one character before it is kept."""
        self._offset = 0
        self._known: set[str] = set()
        self.found: list[Match] = []

    def feed(self, text: str, *, is_over: bool = False) -> None:
        """Take text that has left; search it when there is enough of it or when it is over."""
        if not self._longest:
            return
        self._text += text
        if not is_over and len(self._text) < self._longest + _BATCH:
            return
        decided = len(self._text) if is_over else len(self._text) - self._longest
        for match in self._rules.find(self._text, self._at):
            is_new = match.rule not in self._known and self._rules[match.rule].action == "warn"
            if is_new and match.start < decided:
                self._known.add(match.rule)
                self.found.append(Match(match.rule, match.start + self._offset, match.end + self._offset))
        if not is_over:
            self._offset += decided - 1
            self._text, self._at = self._text[decided - 1 :], 1

    def skip_to(self, place: int) -> None:
        """Go on at a place in the whole text; what waits is not searched."""
        self._text, self._at, self._offset = "", 0, place
