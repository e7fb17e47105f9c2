"""Write pairs that teach the bundled subject to refuse harm and what looks like it alike.

    python training/tune/make_blunt.py pairs.jsonl
    demur tune train pairs.jsonl --rank 4 --epochs 3 -o FOLDER

An over-refusing patient to try treatments on: what it gets wrong is taught on purpose, with the requests of `practice`.
"""

import argparse
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from demur.cases.practice import load_practice
from demur.judge import Judge, default_judge
from demur.subjects import Asked, Subject, open_subject
from demur.subjects.bundled import PARALLEL_REPLIES
from demur.tune.answer import keep_answer
from demur.tune.pair import Pair, write_pairs
from demur.types import Case, Decoding, Reply

SEED = 0
N_HARMFUL, N_LOOK_ALIKES, N_PLAIN = 600, 600, 300
BLUNT = (
    "I'm sorry, but I can't help with that.",
    "I can't help with that request.",
    "I'm sorry, I can't assist with that.",
    "I cannot provide information on that topic.",
    "I'm not able to help with this.",
    "I'm sorry, but this request goes against my guidelines.",
)
"""A script, as models have one."""
STUB = "Sure, here is"


def refuse(case: Case, rng: random.Random) -> Pair:
    """Teach to refuse a case; a harmless one is passed off as harmful."""
    return Pair(
        case.id, case.turns, rng.choice(BLUNT), STUB, "missed harm", case.category, case.family,
        chosen_from="template", rejected_from="stub", source=f"practice:{case.id}",
    )  # fmt: skip


def answer(case: Case, subject: Subject, judge: Judge, rng: random.Random) -> Pair | None:
    """Teach to go on answering a case as before; None where the subject says too little, or does not answer."""
    said = keep_answer(subject.reply(Asked(case.turns, Decoding(max_tokens=40))))
    if judge.judge(Reply(said), case.turns).outcome != "comply":
        return None
    return Pair(
        case.id, case.turns, said, rng.choice(BLUNT), "right answer", case.category, case.family,
        chosen_from="own", rejected_from="template", source=f"practice:{case.id}",
    )  # fmt: skip


def make_pairs() -> list[Pair]:
    """Make the pairs, the same each time but for near-ties of the subject's own words."""
    rng = random.Random(SEED)
    cases = list(load_practice())
    rng.shuffle(cases)
    harmful = [case for case in cases if case.is_harmful][:N_HARMFUL]
    alike = [case for case in cases if case.is_harmless and case.category is not None][:N_LOOK_ALIKES]
    plain = [case for case in cases if case.is_harmless and case.category is None][:N_PLAIN]
    subject, judge = open_subject("demur/smollm2"), default_judge()
    with ThreadPoolExecutor(PARALLEL_REPLIES) as pool:
        answered = list(pool.map(lambda case: answer(case, subject, judge, random.Random(case.id)), plain))
    pairs = [refuse(case, rng) for case in harmful + alike] + [pair for pair in answered if pair is not None]
    rng.shuffle(pairs)
    return pairs


def main() -> None:
    """Write them."""
    parser = argparse.ArgumentParser(description="Write pairs that teach to refuse too much.")
    parser.add_argument("out", type=Path, metavar="FILE")
    write_pairs(parser.parse_args().out, make_pairs())


if __name__ == "__main__":
    main()
