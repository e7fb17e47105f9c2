"""The search among candidates: who goes on, who wins, and which blocks of the winner earn their place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from demur.tune.prompts.candidate import Candidate
from demur.tune.prompts.halving import Round
from demur.tune.prompts.scoring import Answers, Score, is_below_floor, score_prompt, standard_error
from demur.tune.prompts.splitting import Family, take
from demur.types import Case

__all__ = ["Ask", "Found", "search_prompts"]

Ask = Callable[[Candidate, Sequence[Case], str], Answers]
"""Asks the subject with a candidate's prompt: the candidate, the cases, and the name of the stage, which no two calls for one
candidate have in common."""


@dataclass(frozen=True)
class Found:
    """What a search found."""

    candidate: Candidate | None
    """None: nothing was better than what there was by more than a standard error."""
    before: Score
    """Of the subject as it was, on the cases that the best of the candidates was compared with it on."""
    after: Score
    """Of the candidate on the same cases; of the best of them where there is none."""
    n_candidates: int
    """That were asked something."""
    n_replies: int
    """That were asked for."""


class _Contest:
    """What the candidates have answered so far."""

    def __init__(self, families: Sequence[Family], before: Answers, ask: Ask) -> None:
        self.families = families
        self.before = before
        self.n_replies = 0
        self._ask = ask
        self._answers: dict[str, dict[tuple[str, str], bool | None]] = {}

    @property
    def n_candidates(self) -> int:
        return len(self._answers)

    def answers(self, candidate: Candidate) -> Answers:
        return self._answers[candidate.key] if candidate.blocks else self.before

    def cost(self, candidates: Sequence[Candidate], families: Sequence[Family]) -> int:
        """Count what candidates have not been asked yet."""
        return sum(len(self._new(candidate, families)) for candidate in candidates)

    def ask(self, candidates: Sequence[Candidate], families: Sequence[Family], stage: str) -> None:
        """Ask candidates what they have not been asked yet."""
        for candidate in candidates:
            new = self._new(candidate, families)
            if new:
                self._answers.setdefault(candidate.key, {}).update(self._ask(candidate, new, stage))
                self.n_replies += len(new)

    def _new(self, candidate: Candidate, families: Sequence[Family]) -> list[Case]:
        known = self._answers.get(candidate.key, {})
        return [case for case in chain.from_iterable(families) if (case.suite, case.id) not in known]

    def score(self, candidate: Candidate, families: Sequence[Family]) -> Score:
        return score_prompt(families, self.answers(candidate))

    def is_allowed(self, candidate: Candidate, families: Sequence[Family]) -> bool:
        """Whether both sides can be told, and safety is not below its floor."""
        return self.score(candidate, families).value is not None and not is_below_floor(
            families, self.before, self.answers(candidate)
        )

    def ranked(self, candidates: Sequence[Candidate], families: Sequence[Family]) -> list[Candidate]:
        """Put those that are allowed in order: the better first, of equal ones the shorter."""
        allowed = [one for one in candidates if self.is_allowed(one, families)]
        return sorted(allowed, key=lambda one: (-(self.score(one, families).value or 0), len(one.added), one.key))

    def is_as_good(self, candidate: Candidate, best: Candidate, families: Sequence[Family]) -> bool:
        """Whether a candidate is within one standard error of the best."""
        lead = (self.score(best, families).value or 0) - (self.score(candidate, families).value or 0)
        return lead <= standard_error(families, self.answers(best), self.answers(candidate))


def search_prompts(
    candidates: Sequence[Candidate],
    families: Sequence[Family],
    before: Answers,
    *,
    rounds: Sequence[Round],
    budget: int,
    ask: Ask,
    tell: Callable[[str], None] = lambda _: None,
) -> Found:
    """Search for the shortest prompt that is as good as the best.

    After the rounds the shortest finalist within one standard error of the best is chosen (the one-standard-error rule, Breiman et al.
    1984), the subject's own prompt among them at no length at all. Then blocks are left out while what remains is within one standard
    error of what was chosen.

    Args:
        candidates: as many as the first round has.
        families: cases to tune on, in an order whose every beginning has both sides.
        before: what became of all of them under the subject's own prompt.
        rounds: as `plan_rounds` plans them.
        budget: most replies to ask for.
        ask: asks the subject.
        tell: told what comes next.
    """
    contest = _Contest(families, before, ask)
    own = Candidate(candidates[0].own)
    finalists, shown = _run_rounds(contest, candidates, rounds, tell)
    if not finalists:
        return _found(contest, None, own, shown)
    chosen = _choose(contest, [own, *finalists], shown)
    if chosen == own:
        return _found(contest, None, finalists[0], shown)
    pruned, shown = _prune(contest, chosen, shown, budget, tell)
    return _found(contest, pruned, pruned, shown)


def _run_rounds(
    contest: _Contest, candidates: Sequence[Candidate], rounds: Sequence[Round], tell: Callable[[str], None]
) -> tuple[list[Candidate], Sequence[Family]]:
    """Give the finalists, the best first, and the cases they were compared on."""
    left, shown = list(candidates), take(contest.families, rounds[0].n_cases)
    for number, (n_candidates, n_cases) in enumerate(rounds, 1):
        left, shown = left[:n_candidates], take(contest.families, n_cases)
        tell(f"round {number}: {len(left)} prompts on {sum(map(len, shown))} cases")
        contest.ask(left, shown, f"round-{number}")
        left = contest.ranked(left, shown)
        if not left:
            break
    return left, shown


def _choose(contest: _Contest, candidates: Sequence[Candidate], families: Sequence[Family]) -> Candidate:
    best = contest.ranked(candidates, families)[0]
    good = [one for one in candidates if contest.is_allowed(one, families) and contest.is_as_good(one, best, families)]
    return min(good, key=lambda one: (len(one.added), one.key))


def _prune(
    contest: _Contest,
    chosen: Candidate,
    families: Sequence[Family],
    budget: int,
    tell: Callable[[str], None],
) -> tuple[Candidate, Sequence[Family]]:
    """Leave out the blocks that are not needed, while the budget lasts; give what remains, and the cases it was judged on.

    Each is left out alone on half of the cases; then all that were not missed there are left out together, or else the one that was
    missed least, and that is judged on all of the cases, or on half where no more can be asked.
    """
    left, number = chosen, 0
    half = take(families, sum(map(len, families)) // 2)
    while len(left.blocks) > 1:
        shorter, number = left.shorter(), number + 1
        if contest.cost(shorter, half) > budget - contest.n_replies:
            break
        tell(f"leaving out: {len(shorter)} shorter prompts on {sum(map(len, half))} cases")
        contest.ask(shorter, half, f"without-{number}")
        good = [one for one in contest.ranked(shorter, half) if contest.is_as_good(one, chosen, half)]
        needed = tuple(block for block in left.blocks if all(block in one.blocks for one in good))
        for attempt in [Candidate(left.own, needed), *good[:1]] if needed else good[:1]:
            room = budget - contest.n_replies
            among = next((some for some in (families, half) if contest.cost([attempt], some) <= room), None)
            if attempt == left or among is None:
                continue
            contest.ask([attempt], among, f"bare-{number}")
            if contest.is_allowed(attempt, among) and contest.is_as_good(attempt, chosen, among):
                left, families = attempt, among
                break
        else:
            break
    return left, families


def _found(contest: _Contest, candidate: Candidate | None, best: Candidate, families: Sequence[Family]) -> Found:
    return Found(
        candidate=candidate,
        before=score_prompt(families, contest.before),
        after=contest.score(best, families),
        n_candidates=contest.n_candidates,
        n_replies=contest.n_replies,
    )
