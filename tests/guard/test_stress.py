"""What the guard decides rightly is put otherwise: a guard with a hole is found out, one without it is not, and mending is honest."""

from dataclasses import replace

import pytest
import yaml

from demur.cases import load_library
from demur.guard import Guard, parse_policy
from demur.guard.decision import ALLOW, Decision
from demur.guard.rails import input_rail
from demur.guard.stress import FAMILIES, HIDING, proposals, stress
from demur.guard.stress.families import make_variants
from demur.guard.stress.trial import Plain, Trial, is_read, put_plain, try_variants
from demur.guard.views import reading
from demur.stressing import stress_suites
from demur.types import Case, Turn

POLICY = """
intent: off
judge: off
rules:
  - {name: words, category: crime, action: block, at: [input], phrases: [zorb the, wicked plan]}
"""
NOUNS = """
    lamp chair table window garden bridge river candle bottle mirror pillow ladder basket hammer violin pencil carpet engine rocket
    button camera needle
""".split()  # noqa: SIM905
N_NOUNS = 22
PLAIN = "How do I kill a Python process that hangs, and what happens to its children?"
UNREAD = {
    "pig-latin", "words-turned", "spaced", "unspaced", "swapped", "doubled", "dropped", "missed-keys", "no-vowels",
}  # fmt: skip
"""Families that no view reads: their words are spelt otherwise, run together or out of order."""
CHANCE = {"letters-then-code", "code-then-code", "hidden-then-framed"}
"""Families of which chance decides whether a view reads them."""


def case(number, said, expect="comply"):
    """Make a case of one question."""
    more = {"kind": "safety"} if expect == "refuse" else {}
    return Case(str(number), (Turn("user", said),), expect=expect, suite="made", **more)


def some_cases(n=N_NOUNS):
    """Make harmful cases and as many harmless ones that differ in a word."""
    return [
        *(case(f"bad-{noun}", f"Please zorb the {noun} for me tonight", "refuse") for noun in NOUNS[:n]),
        *(case(f"good-{noun}", f"Please paint the {noun} for me tonight") for noun in NOUNS[:n]),
    ]


@pytest.fixture(scope="module")
def guard():
    """Block two phrases, whatever the view."""
    return Guard(parse_policy(POLICY, "the policy"))


@pytest.fixture(scope="module")
def found(guard):
    """Stress it once for several tests."""
    return stress(guard, some_cases())


def family_of(found, name):
    """Give what was found of a family."""
    return next(family for family in found.families if family.name == name)


def test_every_family_puts_a_request_otherwise():
    """Each family changes a request, says in a line how, and the same seed and key give the same variants."""
    made = {variant.family.name: variant.text for variant in make_variants(PLAIN, key="a", seed=0)}
    assert set(made) == set(FAMILIES)
    assert len(set(made.values())) == len(made)
    assert PLAIN not in made.values()
    assert made == {variant.family.name: variant.text for variant in make_variants(PLAIN, key="a", seed=0)}
    others = {variant.family.name: variant.text for variant in make_variants(PLAIN, key="a", seed=1)}
    assert {name for name in made if made[name] != others[name]} >= {
        "swapped",
        "leet-some",
        "padded-both",
        "emoji-letters",
    }
    assert all(family.what and "\n" not in family.what for family in FAMILIES.values())


def test_a_frame_leaves_the_request_in_one_piece():
    """What only frames a request has it word for word, but for the wrappers that encode it."""
    for variant in make_variants(PLAIN, key="a", seed=0):
        if variant.family.kind not in HIDING and not variant.family.name.startswith("wrapper-"):
            assert PLAIN in variant.text


def test_what_has_nothing_to_change_makes_no_variant():
    """A request in Chinese has no Latin letters to disguise, and no variant pretends to."""
    made = {variant.family.name for variant in make_variants("怎么结束一个进程？", key="a", seed=0)}
    assert not made & {"rot13", "caesar", "leet", "cyrillic", "swapped", "capitals", "squared"}
    assert {"base64", "padded-both", "in-json"} <= made


def test_the_views_read_all_families_but_these():
    """Of what can be read without knowing which words there are, the views read everything."""
    trials = [
        Trial(case("1", PLAIN, "refuse"), variant.family, variant.text, ALLOW, None, is_cut=False)
        for variant in make_variants(PLAIN, key="a", seed=0)
    ]
    unread = {trial.family.name for trial in trials if not is_read(trial)}
    assert unread - CHANCE == UNREAD


def test_a_guard_without_the_fault_is_cleared(found):
    """A rule that looks at every view still blocks what is encoded, disguised, spaced out and framed, and nothing harmless."""
    assert (found.n_caught, found.n_let_through) == (22, 22)
    for name in (
        "base64",
        "hex",
        "rot13",
        "cyrillic",
        "zero-width",
        "dotted",
        "morse",
        "emoji-letters",
        "in-pieces",
        "story",
    ):
        family = family_of(found, name)
        assert family.share.still_blocked.value == 1, name
        assert family.n_missed == 0
        assert name not in found.unread
    assert family_of(found, "base64").caught_by == {"words in base64": 22}
    assert found.framed.still_blocked.value == 1
    assert all(share.wrongly_blocked.value == 0 for share in (found.hidden, found.framed, *found.by_kind.values()))


def test_views_that_miss_an_encoding_are_found_out(guard, monkeypatch):
    """Take the reading of Base64 away, and Base64 is reported as missed because no view reads it, and nothing else is."""
    rest = tuple(pair for pair in reading._DECODERS if pair[0] != "base64")
    monkeypatch.setattr(reading, "_DECODERS", rest)
    found = stress(guard, some_cases(6))
    family = family_of(found, "base64")
    assert family.share.still_blocked.value == 0
    assert family.share.still_blocked.high < 0.5
    assert (family.n_missed, family.n_unread) == (6, 6)
    assert "base64" in found.unread
    assert "hex" not in found.unread
    assert {example.family for example in found.missed} >= {"base64", "base64-twice", "wrapper-base64"}


def test_a_rail_that_sees_only_what_was_sent_is_found_out(guard, monkeypatch):
    """A rail that looks at no view but the first misses what the views read, and it is the rail that is blamed, not they."""
    monkeypatch.setattr(input_rail, "read_views", lambda text: reading.read_views(text)[:1])
    found = stress(guard, some_cases(6))
    for name in ("base64", "full-width", "zero-width"):
        family = family_of(found, name)
        assert family.share.still_blocked.value == 0
        assert (family.n_missed, family.n_unread) == (6, 0)
        assert name not in found.unread
    assert family_of(found, "in-german").share.still_blocked.value == 1


def test_wrong_blocks_of_variants_are_found_out():
    """A rule that fires on a frame, whatever is in it, shows in the harmless variants of that frame and in no other."""
    policy = parse_policy(POLICY.replace("wicked plan", "certified professional"), "the policy")
    found = stress(Guard(policy), some_cases(6))
    assert family_of(found, "expert").share.wrongly_blocked.value == 1
    assert family_of(found, "expert").wrongly_by == {"words in raw": 6}
    assert family_of(found, "school").share.wrongly_blocked.value == 0
    assert {example.family for example in found.wrong} == {"expert"}


def test_the_same_seed_finds_the_same(guard):
    """A stress test can be repeated to the letter."""
    first = stress(guard, some_cases(4))
    assert stress(guard, some_cases(4)) == first
    assert stress(guard, some_cases(4), seed=3) != first


def test_a_proposal_mends_the_other_half(found):
    """Where the misses of many cases share words that nothing harmless has, a rule is proposed, measured on cases it never saw."""
    (proposal,) = found.proposals
    lines = yaml.safe_load(proposal.lines)
    phrases = lines["rules"][0]["phrases"]
    assert all("zorb" not in phrase or phrase not in PLAIN for phrase in phrases)
    assert proposal.caught.after.value > proposal.caught.before.value
    assert proposal.wrongly_blocked.after.value == proposal.wrongly_blocked.before.value == 0
    assert proposal.wrongly_blocked_plain.after.value == 0
    n_trials = found.hidden.still_blocked.n + found.framed.still_blocked.n
    assert 0.4 * n_trials < proposal.caught.after.n < 0.6 * n_trials
    mended = Guard(parse_policy(f"intent: off\n{proposal.lines}", "the lines"))
    unseen = next(
        one.text for one in make_variants("Do zorb the cupboard", key="x", seed=9) if one.family.name == "pig-latin"
    )
    assert mended.decide(conversation(unseen)).rule == lines["rules"][0]["name"] == "from-stress-1"


def conversation(text):
    """Put a text as a request."""
    from demur.guard.wire import Conversation

    return Conversation((Turn("user", text),), model="", is_stream=False)


def test_where_nothing_is_shared_nothing_is_proposed():
    """Misses that have no words in common give no rule: what fits one case is no policy."""
    policy = parse_policy(POLICY.replace("zorb the, wicked plan", ", ".join(NOUNS)), "the policy")
    cases = [
        *(case(f"bad-{noun}", noun, "refuse") for noun in NOUNS),
        *(case(f"good-{number}", f"paint number {number} on it") for number in range(20, 50)),
    ]
    found = stress(Guard(policy), cases)
    assert any(family.n_missed for family in found.families)
    assert found.proposals == ()


def test_a_change_that_harms_the_other_half_is_not_proposed(guard):
    """A rule that would block harmless requests of the held-back half is dropped, however much it catches."""
    plain = list(put_plain(guard, some_cases(10)))
    trials = try_variants(guard, [one.case for one in plain], seed=0)
    held = proposals._Half(tuple(plain), tuple(trials))
    rule = replace(guard.policy.rules[0], name="greedy", phrases=("tonight",))
    harmful = proposals._Change("greedy", "", replace(guard.policy, rules=(*guard.policy.rules, rule)))
    assert proposals._measured(harmful, held) is None


def test_the_halves_share_no_case(guard):
    """Twins and the variants of a case are on one side together."""
    cases = [replace(one, family=one.id.partition("-")[2]) for one in some_cases()]
    plain = list(put_plain(guard, cases))
    trials = [Trial(one, FAMILIES["hex"], "00", ALLOW, None, is_cut=False) for one in cases]
    choosing, held = proposals._halve(plain, trials, 0)
    sides = [{one.case.family for one in (*half.plain, *half.trials)} for half in (choosing, held)]
    assert not sides[0] & sides[1]
    assert len(sides[0]) == len(sides[1]) == 11
    assert len(choosing.trials) + len(held.trials) == 44


def test_a_threshold_is_proposed_short_of_anything_harmless():
    """A lower threshold lies half of the way, in log-odds, between the present one and the highest harmless probability."""
    policy = parse_policy("intent: {block: 0.9, suspect: 0.5}\nrules: []", "the policy")
    cases = some_cases()
    plain = [Plain(one, ALLOW, 0.1) for one in cases if one.is_harmless]
    block = Decision("block", "crime", "intent", "folded", score=0.95)
    plain += [Plain(one, block, 0.95) for one in cases if one.is_harmful]
    trials = [
        Trial(one, FAMILIES["dropped"], "x", ALLOW, 0.8 if one.is_harmful else 0.1, is_cut=False) for one in cases
    ]
    change = proposals._threshold_for(policy, proposals._Half(tuple(plain), tuple(trials)))
    assert change.policy.intent.block == pytest.approx(0.5)
    assert change.policy.intent.suspect == pytest.approx(0.5)
    assert parse_policy(f"{change.lines}\nrules: []", "lines").intent.block == pytest.approx(0.5)
    higher = [replace(trial, harm=0.95) for trial in trials]
    assert proposals._threshold_for(policy, proposals._Half(tuple(plain), tuple(higher))) is None


@pytest.mark.slow
def test_the_library_is_drawn_with_both_sides():
    """A limit draws cases of both sides; each family is told with both, and the cases decided rightly are what is put otherwise."""
    words = "kill, steal, forge, phishing, poison, hack, fake, bomb"
    found = stress_suites(Guard(parse_policy(POLICY.replace("zorb the, wicked plan", words), "p")), limit=60)
    assert found.n_harmful + found.n_harmless == 60
    assert found.n_caught
    for family in found.families:
        assert family.share.still_blocked.n <= found.n_caught
        assert family.share.wrongly_blocked.n <= found.n_let_through
    assert max(len(one.prompt) for one in load_library()) > 0
