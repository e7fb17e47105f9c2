"""What changed in live traffic, in plain words."""

from collections.abc import Mapping
from textwrap import wrap

from demur.report.passage import make_visible
from demur.types import Estimate
from demur.watch.found_alarm import FoundAlarm
from demur.watch.search import Searched
from demur.watching import Watched

__all__ = ["alarm_lines"]

_WIDTH = 80
_ALARMS, _WORDING = 12, 60
"""Alarms, and characters of a wording, that are shown: the rest is in the record."""
_WHAT: Mapping[str, str] = {
    "refused": "refusals",
    "partial": "refusals in part",
    "leaked": "leaks (refused, and given anyway)",
    "capitulated": "answers to what had been refused before",
    "escalated": "calls for a person",
    "blocked": "blocks by the guard",
    "disagreed": "disagreements of guard and model",
}
_TRUTHS = {"comply": "of harmless requests", "refuse": "of harmful requests", "clarify": "of unclear requests"}
_LANGUAGES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "hi": "Hindi", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "tr": "Turkish",
    "zh": "Chinese",
}  # fmt: skip


def alarm_lines(found: Watched) -> list[str]:
    """Say what changed; where nothing did, what that rests on."""
    lines = ["Changes"] if found.alarms else []
    for alarm in found.alarms[:_ALARMS]:
        lines += [*_wrap(_sentence(alarm), "  "), *_wrap(_beside(alarm), "    ")]
    if len(found.alarms) > _ALARMS:
        lines.append(f"  and {len(found.alarms) - _ALARMS} more")
    return [*lines, *_wrap(_rests_on(found.searched, any_=bool(found.alarms)), "")]


def _wrap(text: str, indent: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ")


def _sentence(alarm: FoundAlarm) -> str:
    way = "rose" if alarm.direction == "more" else "fell"
    what = _wording(alarm) if alarm.metric == "template" else " ".join([_WHAT[alarm.metric], *_where(alarm.slice)])
    return f"{what} {way} from {_rate(alarm.before)} to {_rate(alarm.after)} since {_minute(alarm.since)}"


def _where(within: Mapping[str, str]) -> list[str]:
    said = {key: make_visible(value) for key, value in within.items()}
    words = [_TRUTHS.get(said.get("expect", ""), "")]
    words += [f"in {_LANGUAGES.get(said['language'], said['language'])}"] if "language" in said else []
    words += [f"about {said['category']}"] if "category" in said else []
    words += [f"by {said['model']}"] if "model" in said else []
    words += [f"from {said['tenant']}"] if "tenant" in said else []
    return [word for word in words if word]


def _wording(alarm: FoundAlarm) -> str:
    text = " ".join(make_visible(alarm.slice["template"]).split())
    return f"the wording '{text if len(text) <= _WORDING else text[: _WORDING - 1] + '…'}' of refusals"


def _beside(alarm: FoundAlarm) -> str:
    of = "refusals" if alarm.metric == "template" else "replies"
    shown = f", {len(alarm.examples)} shown in the record" if alarm.examples else ""
    return f"found {_minute(alarm.at)}, after {alarm.n_seen:,} {of}; {_bounds(alarm.before)}, then {_bounds(alarm.after)}{shown}"


def _rests_on(searched: Searched, *, any_: bool) -> str:
    """Say how much was searched, and what cannot be found in it."""
    if not searched.n:
        return f"No alarms: {'the log has no times' if searched.n_undated else 'nothing was judged'}, and changes are searched for in the order of time."
    undated = f"; {searched.n_undated:,} without a time are not among them" if searched.n_undated else ""
    if not searched.n_watched:
        return (
            f"No alarms: a kind of request is watched after {searched.least:,} judged exchanges, and of the largest there are "
            f"{searched.n_of_largest:,}{undated}."
        )
    return (
        f"{'Searched' if any_ else 'No change of a rate or a wording was found'}: {searched.n:,} exchanges, "
        f"{searched.n_watched:,} of {searched.n_kinds:,} kinds of request with the {searched.least:,} that are learnt first; at most one "
        f"false alarm in {searched.run_length:,.0f} is to be expected{undated}."
    )


def _minute(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC"


def _rate(estimate: Estimate) -> str:
    return "-" if estimate.value is None else _short(estimate.value)


def _bounds(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "not measured"
    return f"[{_short(estimate.low)}, {_short(estimate.high)}] of {estimate.n:,}"


def _short(rate: float) -> str:
    """Write a rate with two digits after the point, or three where it is small."""
    text = f"{rate:.2f}" if rate >= 0.1 else f"{rate:.3f}"  # noqa: PLR2004 -- a tenth
    return text.removeprefix("0") if rate < 1 else text
