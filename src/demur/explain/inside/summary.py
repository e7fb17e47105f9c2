"""What a colleague would say of a look inside a model, in two sentences: where harm is seen, and where refusal is decided."""

from demur.explain.inside.angle import Cosine
from demur.explain.inside.direction_record import DirectionRecord

__all__ = ["say_inside"]

_ONE = 0.8
"""Cosine from which only a condition can part two directions."""


def say_inside(found: DirectionRecord) -> str:
    """Say where a model sees harm, where it decides to refuse, and whether false refusals can be parted from true ones there."""
    harm, refusal = found.harm, found.refusal
    seen = (
        "It does not show inside what it takes for harmful."
        if harm.layer is None or harm.auroc is None or harm.auroc.value is None
        else f"By layer {harm.layer} it tells harmful requests from harmless ones (AUROC {harm.auroc.value:.2f})."
    )
    if not refusal.is_usable or refusal.chosen is None:
        return (
            f"{seen} It has no refusal direction that could be used: {refusal.why_not[0] if refusal.why_not else ''}."
        )
    return f"{seen} Refusal is decided by layer {refusal.chosen.layer}{_word_angle(refusal.false_alarm_cosine)}."


def _word_angle(angle: Cosine | None) -> str:
    if angle is None or angle.value is None:
        return ""
    are = "are one direction" if angle.value >= _ONE else "differ in direction"
    return f"; false refusals and true ones {are} there (cosine {angle.value:.2f})"
