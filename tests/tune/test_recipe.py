"""What settings a training can have."""

import pytest

from demur.errors import UsageError
from demur.tune.recipe import Recipe


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"method": "ppo"}, "method"),
        ({"beta": 0.1}, "sft has none"),
        ({"method": "dpo", "beta": 0.0}, "beta"),
        ({"method": "dpo", "beta": float("nan")}, "beta"),
        ({"learning_rate": -1.0}, "learning rate"),
        ({"rank": 0}, "rank"),
        ({"epochs": 0}, "epochs"),
        ({"batch": 1}, "batch"),
    ],
)
def test_a_setting_out_of_range_is_named(settings, named):
    """What cannot be trained is said before anything is loaded."""
    with pytest.raises(UsageError, match=named):
        Recipe(**settings)


def test_what_is_not_said_is_the_methods_own():
    """Preference training is gentler, and has a beta."""
    assert (Recipe().rate, Recipe().strength, Recipe().name) == (1.5e-3, None, "sft")
    assert (Recipe("kto").rate, Recipe("kto").strength, Recipe("kto").name) == (1e-4, 0.1, "kto-0.1")
    assert Recipe("dpo", 0.5, learning_rate=1e-5).rate == 1e-5
