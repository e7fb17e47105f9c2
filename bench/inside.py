"""What a look inside a model takes, and what it finds on prompts that it was not found on.

    python bench/inside.py RUN [RUN ...] --model demur/smollm2-blunt

Reads questions of the runs at every layer, and prints the CPU time and the memory of that alone; then everything that is found, with its
controls. Of several runs the suites are left out in turn.
"""

import argparse
import json
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np

from demur.explain.inside.case_map import CaseMap
from demur.explain.inside.control import Control, Controlled
from demur.explain.inside.direction_record import DirectionRecord
from demur.explain.inside.prompt import gather_prompts
from demur.explain.inside.states import read_states
from demur.findings import open_run
from demur.looking_inside import open_network, read_inside
from demur.types import Estimate


def main() -> None:
    """Read, look, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="folders of check-ups of the model")
    parser.add_argument("--model", required=True)
    parser.add_argument("--limit", type=int, default=500, help="questions of all runs together")
    parser.add_argument("--read-only", action="store_true", help="stop when the prompts are read")
    parser.add_argument("-o", dest="out", type=Path, help="JSON of everything")
    arguments = parser.parse_args()
    results = [result for run in arguments.runs for result in open_run(run).results]
    drawn = np.random.default_rng(0).permutation(len(results))[: arguments.limit]
    results = [results[index] for index in sorted(drawn)]
    network = open_network(arguments.model)
    with tempfile.TemporaryDirectory() as folder:
        tokens = [prompt.tokens for prompt in gather_prompts(network, results).read]
        before, start = peak_mb(), process_time()
        read_states(network, tokens, Path(folder))
        n_tokens = sum(map(len, tokens))
        print(
            f"read {len(tokens)} prompts, {n_tokens:,} tokens: {process_time() - start:.0f} CPU s, {peak_mb() - before:.0f} MB more, {peak_mb():.0f} MB in all",
            flush=True,
        )
        if arguments.read_only:
            return
        inside = read_inside(
            network, results, name=arguments.model, cache=folder, tell=lambda line: print(f"  {line}", flush=True)
        )
    for line in (*describe(inside.direction), *([] if inside.map is None else describe_map(inside.map))):
        print(line)
    print(f"{network.n_rows:,} prompts passed through the model, {process_time() - start:.0f} CPU s in all")
    if arguments.out:
        arguments.out.write_text(json.dumps(inside.to_plain(), ensure_ascii=False, indent=1), encoding="utf-8")


def describe(found: DirectionRecord) -> Iterator[str]:
    """Word the directions."""
    first, harm, refusal = found.first_tokens, found.harm, found.refusal
    yield f"first tokens of refusals: {', '.join(map(repr, first.words)) or 'none'}; AUROC {show(first.auroc)}; candidates by {found.score}"
    yield f"harm: {harm.why_not or f'layer {harm.layer}, AUROC {show(harm.auroc)}{beside(harm.auroc_control)}'}"
    if harm.probe_shuffled:
        yield f"  by a probe there: {show(harm.probe)} (shuffled {spread(harm.probe_shuffled)})"
    for suite in harm.by_suite:
        yield f"  {suite.suite}, by the others: {show(suite.auroc)}, by their probe {show(suite.probe)}"
    for locale in found.languages:
        yield f"  {locale.locale} (n {locale.n}): cosine {locale.cosine:.2f}, as many of all languages {spread(locale.same)}, by the others {show(locale.transfer)}"
    if refusal.why_not:
        yield f"refusal: none that can be used: {'; '.join(refusal.why_not)}"
    evidence = refusal.evidence
    if evidence.trials:
        tried = ", ".join(
            f"{one.position}/{one.layer} {one.induced:+.1f}" for one in evidence.trials if one.induced is not None
        )
        yield f"  {evidence.n_trial_prompts} harmless prompts: score as they are {evidence.score_as_is:+.1f}; with position/layer added: {tried}"
    if chosen := refusal.chosen:
        yield f"refusal: position {chosen.position}, layer {chosen.layer}, AUROC {show(refusal.auroc)}{beside(refusal.auroc_control)}"
        yield f"  score of harmless prompts with it added {chosen.induced}{beside(refusal.induced)}; KL {chosen.kl_nats}"
        yield f"  cosine of true and false refusals: {refusal.false_alarm_cosine}"
    for names in (found.categories, found.patterns):
        if names is not None:
            yield f"{names.kind}: {len(names.directions)} directions, mean cosine {names.mean_cosine:.2f}, dealt at random {spread(names.mean_cosine_shuffled)}; selectivity beyond the shared {names.selectivity}"


def describe_map(found: CaseMap) -> Iterator[str]:
    """Word the map."""
    readings = [case.reading for case in found.cases]
    yield f"map: {len(readings)} cases; " + ", ".join(
        f"{readings.count(name)} {name}" for name in dict.fromkeys(readings)
    )
    if found.detector is not None:
        yield f"  false alarms among refusals, left out {', '.join(found.detector.suites) or 'families'}: score {show(found.detector.false_alarm)}, energy {show(found.detector.energy)}, probe {show(found.detector.probe)}"


def show(estimate: Estimate | None) -> str:
    """Word an estimate."""
    if estimate is None or estimate.value is None:
        return "none"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}] (n {estimate.n})"


def beside(found: Controlled | None) -> str:
    """Word what chance shows."""
    return "" if found is None else f" (random {spread(found.random)}, shuffled {spread(found.shuffled)})"


def spread(control: Control) -> str:
    """Word the draws of a control."""
    return f"{control.low:.2f} to {control.high:.2f}"


def peak_mb() -> float:
    """Give the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
