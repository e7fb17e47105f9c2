"""Teach the trained network that prose is no request: its last layer anew, with answers and questions with answers pasted under them.

    python training/guard/sober.py       # after train_intent.py; a few seconds

What was written to train with are requests, so that a network of them takes many a sentence of an answer for harm. All below the last
layer stays as it is, and what has crises in it weighs more, for there is little of it.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from written import HERE, read_written, split

from demur.guard.intent import network
from demur.guard.intent.alarms import alarms_of
from demur.guard.intent.intent import READINGS
from demur.guard.intent.network import read_network
from demur.guard.views.folding import fold

_JUDGE = HERE.parent / "judge"
_WEIGHTS = Path(network.__file__).with_name("intent.npz")
_PLAIN = ("facts", "texts", "everyday", "daily", "advice")
_TONGUES = re.compile(r"lang\d?_(?:de|fr|es|pt|zh|ar|hi|it|ru|tr|ja)$")
_N_TONGUES, _N_KEPT_BACK = 2_500, 250
_MOST = 64
"""Pieces that are read: one stretch."""
_CLINGING = 0.006
"""How much the squared distance from the weights as they were costs."""
_WEIGHT = {"crisis": 4.0, "beside": 2.0, "request": 1.0, "prose": 1.0, "tongue": 0.5}


class Line(NamedTuple):
    """A text and what it is."""

    text: str
    reading: str
    kind: str


def requests() -> Iterator[Line]:
    """Give what was written to train with, without what is kept back."""
    for request in split(read_written())[0]:
        is_beside = request.file.startswith("crisis")
        kind = "crisis" if request.reading == "crisis" else "beside" if is_beside else "request"
        yield Line(request.text, request.reading, kind)


def prose(rng: random.Random) -> Iterator[Line]:
    """Give questions that every reply answers, alone and with their answer, and stretches of answers."""
    pairs = [
        (fold(row["p"]), fold(row["r"]))
        for name in _PLAIN
        for row in map(json.loads, (_JUDGE / f"english_{name}.jsonl").read_text("utf-8").splitlines())
        if isinstance(row["p"], str) and row.get("o") == "comply"
    ]
    rng.shuffle(pairs)
    for question, answer in pairs[_N_KEPT_BACK:]:
        yield Line(question, "harmless", "prose")
        yield Line(f"{question} {answer}"[:400], "harmless", "prose")
        for _ in range(3):
            start = rng.randrange(max(1, len(answer) - 250))
            yield Line(answer[start : start + rng.choice((80, 160, 300))], "harmless", "prose")
    told = [
        fold(row["r"])[:300]
        for path in sorted(_JUDGE.glob("lang*_*.jsonl"))
        if _TONGUES.match(path.stem)
        for row in map(json.loads, path.read_text("utf-8").splitlines())
        if row.get("o") == "comply" and isinstance(row.get("r"), str)
    ]
    yield from (Line(text, "harmless", "tongue") for text in rng.sample(told, min(_N_TONGUES, len(told))))


def refit(lines: list[Line]) -> tuple[Tensor, Tensor]:
    """Fit the weights and the bias of the readings to these lines."""
    pieces, net = read_network()
    heard, alarms, kept = [], [], []
    for line in lines:
        rows = np.array(pieces.rows(line.text), np.intp)[:_MOST]
        if len(rows):
            heard.append(net._hear(rows))
            alarms.append((alarms_of(rows, line.text, net._alarms) + net._alarm_bias)[0])
            kept.append(line)
    inputs, offsets = torch.tensor(np.stack(heard)), torch.tensor(np.array(alarms))
    wanted = torch.tensor([READINGS.index(line.reading) for line in kept])
    weights = torch.tensor([_WEIGHT[line.kind] for line in kept])
    old, old_bias = (torch.tensor(part[..., : len(READINGS)].copy()) for part in net._out)
    new, bias = old.clone().requires_grad_(), old_bias.clone().requires_grad_()
    lifted = torch.zeros(len(kept), len(READINGS))
    lifted[:, READINGS.index("crisis")] = offsets
    optimizer = torch.optim.LBFGS([new, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        wrong = nn.functional.cross_entropy(inputs @ new + bias + lifted, wanted, reduction="none") * weights
        total = wrong.mean() + _CLINGING * ((new - old) ** 2).sum()
        total.backward()
        return total

    optimizer.step(loss)
    return new.detach(), bias.detach()


def main() -> None:
    """Refit the shipped weights, in their place."""
    lines = [*requests(), *prose(random.Random(1))]
    new, bias = refit(lines)
    weights = dict(np.load(_WEIGHTS))
    for name, values in (("out.weight", new), ("out.bias", bias)):
        kept = weights[name].astype(np.float32)
        kept[..., : len(READINGS)] = values.numpy()
        weights[name] = kept.astype(weights[name].dtype)
    np.savez_compressed(_WEIGHTS, **weights)
    print(f"the last layer refitted to {len(lines):,} lines")


if __name__ == "__main__":
    main()
