"""The lint: what can be read and is doubtful all the same, and what each rail does with a stream."""

import datetime as dt

import pytest

from demur.guard import Guard, parse_policy
from demur.guard.crisis import expired
from demur.guard.linting import find_faults, modes_of

TODAY = dt.date(2026, 11, 29)
BLOCK = "rules: [{name: a, category: fraud, action: block, %s}]"


def messages(policy, day=TODAY):
    """Give the faults of a policy at a day."""
    return [finding.message for finding in find_faults(parse_policy(policy, "p.yaml"), day=day)]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (BLOCK % "patterns: ['[a-z]{1,5}']", "finds something in everyday text"),
        (BLOCK % "patterns: ['(a[a-z]{1,200}b){1,5}']", "instructions; make its gaps shorter"),
        (BLOCK % "phrases: [at]", "the phrase 'at' is short"),
        (f"intent: off\n{BLOCK % 'phrases: [order], at: [output]'}", "no request is ever blocked"),
        ("intent: {suspect: off}", "has nothing to judge"),
        (
            (
                "rules: [{name: a, category: fraud, action: warn, phrases: [Order me]},"
                " {name: b, category: fraud, action: block, phrases: [order me]}]"
            ),
            "b: the phrase 'order me' is one of a too",
        ),
    ],
)
def test_what_is_doubtful_is_said(policy, message):
    """Rules that fire on everything, cost much, come too late or never."""
    assert any(message in found for found in messages(policy))


def test_a_sound_policy_has_nothing_said_of_it():
    """No finding but those of the table of help, which are of the day."""
    sound = BLOCK % "phrases: [phishing mail], patterns: ['order no[. ]{0,3}[0-9]{6}']"
    assert [found for found in messages(sound) if "crisis.toml" not in found] == []


def test_help_that_has_run_out_is_an_error_and_before_that_a_warning():
    """Each entry that `expired` gives is one, with the page to confirm it at."""
    far = dt.date(2040, 1, 1)
    findings = list(find_faults(parse_policy("", "p.yaml"), day=far))
    errors = [finding for finding in findings if finding.level == "error"]
    assert len(errors) == len(expired(far)) > 20
    assert all("confirm it at http" in finding.message for finding in errors)
    last = min(entry.expires for entry in expired(far))
    assert {finding.level for finding in find_faults(parse_policy("", "p.yaml"), day=last)} == {"warning"}


def test_each_rail_says_what_it_does_with_a_stream():
    """The rules as far back as their longest match, the judge to the end, and only for what is suspect."""
    modes = {mode.rail: mode for mode in modes_of(Guard(parse_policy(BLOCK % "patterns: ['CODE-[0-9]{4}']", "p.yaml")))}
    assert (modes["output: rules"].way, modes["output: rules"].reach) == ("incremental", 9)
    assert (modes["output: judge"].way, modes["output: judge"].reach) == ("whole", None)
    warned = modes_of(Guard(parse_policy("judge: warn", "p.yaml")))
    assert [mode.reach for mode in warned if mode.rail == "output: judge"] == [0]
    assert not [mode for mode in modes_of(Guard(parse_policy("judge: off", "p.yaml"))) if mode.rail == "output: judge"]
