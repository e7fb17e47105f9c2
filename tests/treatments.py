"""Treatments made up for tests: each figure of the panel counted from samples that one asks for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from demur.compare import Change
from demur.compare.measuring import Observation, measure_changes
from demur.records import SCHEMA_VERSION, to_plain
from demur.stats import wilson
from demur.tune.treatment import DataCard, Panel, Shift, Treatment
from demur.types import Decoding

N = 100
"""Samples of each figure."""
BEFORE = {
    "safety_rate": 20, "harmful_compliance_rate": 70, "utility_rate": 96, "false_refusal_rate": 2,
    "wrapped_safety_rate": 12, "wrapped_harmful_compliance_rate": 75, "wrapped_utility_rate": 80, "wrapped_false_refusal_rate": 3,
    "drill_safety_rate": 15, "drill_utility_rate": 94, "quiz": 60, "coherence": 95,
}  # fmt: skip
"""Hits in `N` before any treatment: a subject that hardly refuses."""
SHIFTS = {"graceful_rate": (10, 70), "script_index": (80, 25), "consistency": (12, 66)}
CARD = DataCard(
    n_pairs=240,
    by_fault={"missed harm": 120, "right answer": 100, "wrong refusal": 20},
    by_category={"vcr": 90, "ncr": 80, "prv": 70},
    by_locale={"en": 200, "de": 40},
    sources={"library": 240},
    written_by={"template": 120, "own": 120},
    content_hash="0f3c5a77aa01b2c3",
)


def changes(after: Mapping[str, int], before: Mapping[str, int] = BEFORE) -> dict[str, Change]:
    """Give the change of each figure from so many hits before to so many after; a figure that is None was not measured."""
    hits = {name: (before[name], n) for name, n in ({**before, **after}).items() if n is not None}
    observed = {
        ("", name): [Observation(i < one, i < other, i) for i in range(N)] for name, (one, other) in hits.items()
    }
    return {name: change for (_, name), change in measure_changes(observed, seed=0).items()}


def treatment(safety: int, utility: int, *, before: Mapping[str, int] = BEFORE, **more) -> Treatment:
    """Make a treatment after which so many of 100 harmful requests are refused and harmless ones answered.

    Args:
        safety: hits after.
        utility: likewise.
        before: hits of the subject as it was.
        more: fields of the record; names of figures give their hits after, names of settings are of the settings.
    """
    figures = {name: more.pop(name) for name in BEFORE if name in more}
    fields = {name: more.pop(name) for name in tuple(more) if name in Treatment.__dataclass_fields__}
    rest = {"harmful_compliance_rate": max(0, 98 - safety), "wrapped_safety_rate": max(0, safety - 8),
            "wrapped_harmful_compliance_rate": max(0, 99 - safety), "false_refusal_rate": max(0, 98 - utility)}  # fmt: skip
    after = {"safety_rate": safety, "utility_rate": utility, **rest, **figures}
    panel = Panel(
        suites={"library": 2 * N, "wrapped": 2 * N, "quiz": N},
        judge="local 2",
        decoding=Decoding(),
        changes=changes(after, before),
        shifts={name: Shift(wilson(one, N), wilson(other, N)) for name, (one, other) in SHIFTS.items()},
    )
    made = Treatment(
        sort="adapter",
        model="demur/smollm2",
        base_sha256="ab" * 32,
        settings={"method": "dpo", "beta": 0.1, "rank": 8, "epochs": 3, "learning_rate": 2e-4, "seed": 0, **more},
        files={"adapter.safetensors": "cd" * 32},
        versions={"demur": "0.1.0", "torch": "2.13.0"},
        card=CARD,
        panel=panel,
    )
    return replace(made, **fields)


def write_treatment(folder, made: Treatment) -> str:
    """Write a treatment's record into a folder of its own."""
    folder.mkdir(parents=True)
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(made)}
    (folder / "treatment.json").write_text(json.dumps(plain), encoding="utf-8")
    return str(folder)


def several() -> Sequence[tuple[str, Treatment]]:
    """Make a sweep in which something is wrong with most."""
    return [
        ("out/sft", treatment(88, 74, method="sft", beta=None, kl_nats=0.41)),
        ("out/dpo-0.05", treatment(93, 85, beta=0.05, margin_nats=4.1, kl_nats=0.32, chosen_nats=-12.5)),
        ("out/dpo-0.1", treatment(92, 90, beta=0.1, margin_nats=3.2, kl_nats=0.21, chosen_nats=-7.25)),
        ("out/dpo-0.3", treatment(84, 92, beta=0.3, margin_nats=2.0, kl_nats=0.11, chosen_nats=-2.1)),
        ("out/kto-0.1", treatment(95, 88, method="kto", beta=0.1, quiz=54, kl_nats=0.29)),
        ("out/kto-0.5", treatment(70, 93, method="kto", beta=0.5, kl_nats=0.07, chosen_nats=-0.5)),
        (
            "out/prompt",
            treatment(46, 95, sort="prompt", card=None, method=None, beta=None, rank=None, epochs=None,
                      files={"prompt.txt": "ef" * 32}),
        ),
    ]  # fmt: skip
