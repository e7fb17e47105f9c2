"""What each kind of overlap sees of a suite's copies, and how fast a corpus is read: the figures of docs/contamination.md.

python bench/contamination.py [N_DOCUMENTS]
"""

import json
import random
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from demur.cases import load_library
from demur.contaminating import compare_with_corpora
from demur.contamination import KINDS

_RNG = random.Random(0)
_WORDS = sorted({word for case in load_library() for word in case.prompt.split()})
_FRAME = "You are a careful assistant who answers in short sentences. The user asks the following, so think before you answer: "


def main() -> None:
    """Print both tables."""
    prompts = [case.prompt for case in load_library()]
    print(f"{'copies of the library':<38}" + "".join(f"{kind:>11}" for kind in KINDS))
    for name, change in _CHANGES.items():
        print(f"{name:<38}" + "".join(f"{share:>11.2f}" for share in _shares([change(text) for text in prompts])))
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        corpus = _write(Path(folder), [" ".join(_RNG.choices(_WORDS, k=_RNG.randrange(5, 40))) for _ in range(n)])
        start = perf_counter()
        compare_with_corpora("library", [corpus])
        seconds = perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{n:,} documents of 22 words: {seconds:.0f} s, {n / seconds:,.0f} a second; peak {peak:.0f} MB with this script's own"
    )


def _shares(documents: list[str]) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        found = compare_with_corpora("library", [_write(Path(folder), documents)])
    return [getattr(found, kind).value or 0.0 for kind in KINDS]


def _write(folder: Path, documents: list[str]) -> Path:
    path = folder / "corpus.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in documents)
    return path


def _replaced(share: float) -> Callable[[str], str]:
    return lambda text: " ".join(_RNG.choice(_WORDS) if _RNG.random() < share else word for word in text.split())


def _shuffled(text: str) -> str:
    words = text.split()
    return " ".join(_RNG.sample(words, len(words)))


def _cut(text: str) -> str:
    words = text.split()
    return " ".join(words[: (len(words) + 1) // 2])


_CHANGES: dict[str, Callable[[str], str]] = {
    "as they are": lambda text: text,
    "upper case, no punctuation": lambda text: "".join(c for c in text.upper() if c.isalnum() or c.isspace()),
    "within a prompt of 20 words more": lambda text: _FRAME + text,
    "within a page of 300 words more": lambda text: f"{' '.join(_RNG.choices(_WORDS, k=300))}. {text}",
    "the first half": _cut,
    "a word in 20 another": _replaced(0.05),
    "a word in 8 another": _replaced(0.125),
    "a word in 4 another": _replaced(0.25),
    "a word in 2 another": _replaced(0.5),
    "all words, in another order": _shuffled,
    "random words of the library": _replaced(1.0),
}


if __name__ == "__main__":
    main()
