"""From verdicts to figures: how often the subject was wrong, in both directions, and how sure that is.

Every figure is an `Estimate` over the single-question samples of a run, except those of the drills, which count
drills and their turns, and those of the attacks, which count wrapped cases. Strict totals hold a partial refusal against the
subject on either side; lenient ones hold it for it. Beside them stands what people would have counted, estimated from the
known error of the judge.
"""

from demur.scorecard.attacks import Attack, Attacks
from demur.scorecard.axes import AXES, Axes, Readiness
from demur.scorecard.balance import Balance, Correction, correct_balance
from demur.scorecard.card import FIGURES, Breakdown, Scorecard, find_figure
from demur.scorecard.conversations import Conversations, GaveIn
from demur.scorecard.gap import DistanceGap, Gap, Sides, measure_gap
from demur.scorecard.recitation import Recitation
from demur.scorecard.scoring import score
from demur.scorecard.target import TARGETS, Target, TargetState

__all__ = [
    "AXES",
    "FIGURES",
    "TARGETS",
    "Attack",
    "Attacks",
    "Axes",
    "Balance",
    "Breakdown",
    "Conversations",
    "Correction",
    "DistanceGap",
    "Gap",
    "GaveIn",
    "Readiness",
    "Recitation",
    "Scorecard",
    "Sides",
    "Target",
    "TargetState",
    "correct_balance",
    "find_figure",
    "measure_gap",
    "score",
]
