"""The pace that is shown is the pace there is."""

from demur.checkup import CheckProgress
from demur.cli.progress import Pace


def run_at(turns_per_s, *, n_turns=300, seconds=60, loading_s=20, before=0):
    """Give what is shown at the end of a run that loads, and then goes at a steady pace of ten tokens a turn."""
    clock = [0.0]
    pace = Pace(lambda: clock[0])
    pace.note(CheckProgress(n_turns, before, before, 0, 0))
    clock[0] += loading_s
    for step in range(1, int(turns_per_s * seconds) + 1):
        clock[0] += 1 / turns_per_s
        pace.note(CheckProgress(n_turns, before + step, before, 0, 10 * step))
    return pace.describe()


def test_the_time_left_is_what_the_pace_needs():
    """At two replies a second, with 120 of 300 done, a minute and a half is left, however long loading took."""
    for loading_s in (0, 20, 600):
        assert run_at(2, loading_s=loading_s) == "20 tokens/s, 1:30 left"


def test_replies_of_an_earlier_sitting_do_not_quicken_the_pace():
    """What was done before a resume is not counted as done now."""
    assert run_at(2, before=100, seconds=50) == "20 tokens/s, 0:50 left"


def test_nothing_is_promised_before_there_is_a_pace():
    """Before the first replies no rate and no time is shown."""
    assert run_at(1, seconds=0) == "waiting for the first reply"
    assert run_at(1, seconds=5) == "measuring the pace"


def test_a_slow_run_has_a_pace_too():
    """With a reply every ten seconds the window grows until it holds enough of them."""
    assert run_at(0.1, n_turns=100, seconds=400) == "1 tokens/s, 10:00 left"


def test_failures_are_shown():
    """Samples that failed are counted beside the pace."""
    pace = Pace(lambda: 1.0)
    pace.note(CheckProgress(10, 3, 0, 2, 0))
    assert pace.describe() == "measuring the pace, 2 failed"
