"""Groups of prompts, the parts they come in, and labels that are shuffled."""

import numpy as np
import pytest

from demur.explain.inside.control import draw_directions, read_control, shuffle_labels
from demur.explain.inside.labels import Contrast, Labels, difference, split_families


def make_labels(n=120):
    """Families of two, with verdicts that differ within them; a tenth is unjudged."""
    rng = np.random.default_rng(0)
    refused = rng.random(n) < 0.5
    judged = rng.random(n) < 0.9
    return Labels(
        harmful=np.arange(n) % 2 == 0,
        refused=refused & judged,
        answered=~refused & judged,
        families=tuple(f"{number // 2}" for number in range(n)),
        suites=("one",) * n,
    )


def test_no_family_is_in_two_parts():
    """Parts hold half, a fifth and the rest of the families, and share none; every prompt is in one."""
    labels = make_labels()
    split = split_families(labels, rng=np.random.default_rng(1))
    assert np.array_equal(np.sum(split, axis=0), np.ones(120))
    families = [{labels.families[index] for index in np.flatnonzero(part)} for part in split]
    assert [len(part) for part in families] == [30, 12, 18]


def test_a_difference_is_between_means_of_means():
    """Groups of a side count alike whatever their sizes, and those of fewer than eight do not count."""
    many, few, other = (np.zeros(60, dtype=bool) for _ in range(3))
    many[:30], few[30:40], other[40:] = True, True, True
    x = np.random.default_rng(0).normal(size=60)
    everyone = np.ones(60, dtype=bool)
    weights = difference(Contrast((many, few), (other,)), everyone)
    assert weights @ x == pytest.approx((x[:30].mean() + x[30:40].mean()) / 2 - x[40:].mean())
    without = everyone.copy()
    without[:25] = False
    assert difference(Contrast((many, few), (other,)), without) @ x == pytest.approx(x[30:40].mean() - x[40:].mean())
    assert difference(Contrast((many,), (other,)), without) is None


def test_the_unjudged_are_on_no_side():
    """A prompt without a verdict is in no contrast of refusal, and counts for harm only where it is harmful."""
    labels = make_labels()
    unjudged = ~labels.refused & ~labels.answered
    assert unjudged.any()
    for contrast in (labels.refusal, labels.true_refusal, labels.false_alarm):
        assert not any(side[unjudged].any() for side in contrast.sides(np.ones(120, dtype=bool)))
    positive, negative = labels.harm.sides(np.ones(120, dtype=bool))
    assert np.array_equal(positive, labels.harmful)
    assert not negative[unjudged | labels.refused].any()


def test_shuffled_labels_keep_sizes_and_families():
    """Every group keeps its size, families change places as wholes, and nobody joins who was on no side."""
    labels = make_labels()
    contrast = Contrast((labels.harmful,), (~labels.harmful,))
    for drawn in shuffle_labels(contrast, families=labels.families, rng=np.random.default_rng(0), n=5):
        assert drawn.positive[0].sum() == 60
        # Families of one harmful and one harmless prompt stay such.
        assert all(drawn.positive[0][start] != drawn.positive[0][start + 1] for start in range(0, 120, 2))
    refusal = labels.refusal
    members = np.any([*refusal.positive, *refusal.negative], axis=0)
    moved = [shuffle_labels(refusal, families=labels.families, rng=np.random.default_rng(3), n=1)[0] for _ in range(2)]
    assert all(np.array_equal(one, other) for one, other in zip(moved[0].positive, moved[1].positive, strict=True))
    assert not moved[0].positive[0][~members].any()
    assert [group.sum() for group in moved[0].positive] == [group.sum() for group in refusal.positive]
    assert not np.array_equal(moved[0].positive[0], refusal.positive[0])


def test_random_directions_have_length_1_and_none_is_preferred():
    """Their mean is near 0, and draws are summed up by their ends."""
    drawn = draw_directions(50, rng=np.random.default_rng(0), n=400)
    assert np.linalg.norm(drawn, axis=1) == pytest.approx(np.ones(400))
    assert np.abs(drawn.mean(axis=0)).max() < 0.03
    control = read_control("random directions", [0.1, 0.4, 0.3])
    assert (control.n, control.low, control.high) == (3, 0.1, 0.4)
    assert control.mean == pytest.approx(0.8 / 3)
