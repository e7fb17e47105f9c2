"""The first token as a score of refusal."""

import numpy as np
import pytest

from demur.explain.inside.refusal_score import derive_tokens, log_odds, read_scores, validate
from demur.explain.inside.states import States


def test_tokens_that_refusals_begin_with_are_found():
    """A token counts that is commoner among refusals by a tenth at least, the commonest first."""
    refused = [True] * 10 + [False] * 10
    first = [7] * 5 + [8] * 4 + [9] + [8] * 2 + [9] * 8
    assert derive_tokens(first, refused) == (7, 8)
    assert derive_tokens([1] * 20, refused) == ()


def test_the_score_is_the_log_odds_of_all_tokens_together():
    """It is the logit of the sum of their probabilities, and finite at 0 and 1."""
    assert log_odds(np.array([0.5, 0.9])) == pytest.approx([0, np.log(9)])
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    nothing = np.zeros((2, 1, 1, 1))
    states = States(
        "", nothing.astype(np.float16), nothing[..., 0].astype(np.float32),
        np.array([[3, 4, 5], [5, 6, 4]]), np.log(np.array([[0.5, 0.2, 0.1], [0.7, 0.2, 0.1]], dtype=np.float32)),
    )  # fmt: skip
    assert read_scores(states, [3, 4]) == pytest.approx(log_odds(np.array([0.7, 0.1])), rel=1e-5)


def test_a_score_that_does_not_tell_is_not_relied_on():
    """Where refusals and answers begin alike the score is measured as no better than chance; the unjudged are counted beside."""
    refused = [True, False] * 8 + [None]
    useless = validate((), (), np.zeros(17), refused)
    assert (useless.is_reliable, useless.auroc.value, useless.auroc.n_unjudged) == (False, 0.5, 1)
    assert validate((3,), ("I",), np.array([1.0, -1] * 8 + [0]), refused).is_reliable
    assert not validate((3,), ("I",), np.array([1.0]), [True]).is_reliable
