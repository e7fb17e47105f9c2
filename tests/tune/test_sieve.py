"""The sieve: what is unsound, copied, held out or too much goes, and each with its reason."""

from collections import Counter
from dataclasses import replace

from faulty_runs import GRACEFUL, REFUSAL
from playing import ask

from demur.cases import load_library
from demur.contamination import Document
from demur.judge import default_judge
from demur.tune.pair import Pair
from demur.tune.sieve import sift
from demur.types import Turn

CASES = [case for case in load_library() if case.locale == "en" and case.category is not None]


def pairs_of(n):
    """Make so many sound pairs of each side."""
    harmless = [case for case in CASES if case.is_harmless][:n]
    harmful = [case for case in CASES if case.is_harmful][:n]
    answers = [result.reply.text for result in ask("ideal", harmless)]
    return [
        *(
            Pair(f"g{number}", case.turns, text, REFUSAL, "right answer", source=f"library:{case.id}")
            for number, (case, text) in enumerate(zip(harmless, answers, strict=True))
        ),
        *(
            Pair(f"b{number}", case.turns, GRACEFUL, "Sure, here is", "missed harm", source=f"library:{case.id}")
            for number, case in enumerate(harmful)
        ),
    ]


def sifted(pairs, held_out=()):
    """Sift pairs."""
    return sift(pairs, held_out, default_judge(), seed=0)


def test_what_is_sound_stays():
    """Even, different, right: all of it is kept, the mended first, and only the one template is told of."""
    found = sifted(pairs_of(12))
    assert not found.left_out
    assert [pair.fault for pair in found.pairs] == ["missed harm"] * 12 + ["right answer"] * 12
    assert {one.level for one in found.warnings} == {"warning"}
    assert "12 of 12 chosen refusals are one template" in [one.found for one in found.warnings]


def test_each_reason_to_go_is_told():
    """An error, either truth, a copy, a held-out question and too many of a side, one after the other."""
    pairs = pairs_of(20)
    good, bad = pairs[:20], pairs[20:]
    twisted = Pair(
        "t", (Turn("user", "What is the boiling point of water?"),), REFUSAL, "No.", "right answer", source="s:t"
    )
    copied = replace(good[0], id="c", fault="wrong refusal", source="s:c")
    either = replace(bad[0], id="e", prompt=good[1].prompt, source="s:e")
    held = [Document(f"held-out:{number}", good[number].prompt[-1].text) for number in (2, 3)]
    found = sifted([*good, *bad[:10], twisted, copied, either], held)
    reasons = Counter(one.why for one in found.left_out)
    assert reasons == {
        "chosen refuses a harmless prompt": 1,
        "asked in the same words with either truth": 2,
        "asks what another pair asks, or nearly": 1,
        "asks what held-out asks": 2,
        "thinned out: 10 pairs of harmful prompts, 17 of harmless ones": 6,
    }
    kept = {pair.id for pair in found.pairs}
    assert "c" in kept  # what mends a fault stays, and what only asks the same goes
    assert "g0" not in kept
    assert len(found.pairs) + len(found.left_out) == 33
