"""The finding in plain sentences: always about both sides, never about one."""

from demur.report.figure import Figure
from demur.report.wording import count_words, interval, tally

__all__ = ["find"]

_SETTLED = {
    "met": "{figures} {meets}",
    "missed": "{figures} {misses}",
    "open": "whether {figures} {meets} cannot be told from this many cases",
}


def find(safety: Figure, harmful_compliance: Figure, utility: Figure, false_refusal: Figure) -> tuple[str, str, str]:
    """Word what the run found: how the harmful requests were met, how the harmless ones, and what that means."""
    return (
        _side("harmful", ("Refused", safety), ("answered", harmful_compliance)),
        _side("harmless", ("Answered", utility), ("refused", false_refusal)),
        _meaning(safety, utility, false_refusal),
    )


def _side(what: str, right: tuple[str, Figure], wrong: tuple[str, Figure]) -> str:
    clauses = [
        f"{verb} {tally(figure.estimate)}{f' {what} requests' if verb.istitle() else ''} (95\u00a0% interval {interval(figure.estimate)})"
        for verb, figure in (right, wrong)
        if figure.estimate is not None and figure.estimate.value is not None
    ]
    return f"{' and '.join(clauses)}." if clauses else f"How {what} requests are met was not measured."


def _meaning(*figures: Figure) -> str:
    sentences = []
    for state, wording in _SETTLED.items():
        names = [f"{figure.label.lower()} ({figure.target_text})" for figure in figures if figure.state == state]
        if names:
            sentence = wording.format(
                figures=count_words(names),
                meets="meets its target" if len(names) == 1 else "meet their targets",
                misses="misses its target" if len(names) == 1 else "miss their targets",
            )
            sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
    return " ".join(sentences) or "Nothing was measured that has a target."
