"""The page of a look inside a model: where harm is seen, where refusal is decided, and where each case lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from demur.explain.inside.case_map import CaseMap
from demur.explain.inside.control import Control, Controlled
from demur.explain.inside.direction_record import DirectionRecord
from demur.explain.inside.grid import LayerAuroc
from demur.explain.inside.summary import say_inside
from demur.report.case_map import draw_cases
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.passage import make_visible
from demur.types import Estimate

__all__ = ["render_inside"]

_STYLES = ("page.css", "comparison.css", "case_map.css")


@dataclass(frozen=True)
class _Layers:
    """Separability by layer as a picture, in fractions."""

    title: str
    rows: tuple[tuple[float, float, float, float, float, float, bool], ...]
    """Place across; value, its ends, and the ends of chance, each from the top; whether it is the chosen layer."""


@dataclass(frozen=True)
class _Line:
    """A figure beside what chance shows in its place."""

    what: str
    value: str
    interval: str
    random: str
    shuffled: str


def render_inside(direction: DirectionRecord, case_map: CaseMap | None) -> str:
    """Write the page; it loads nothing and runs nothing.

    Args:
        direction: what was found of the model's directions.
        case_map: where each case lies; None where nothing tells harmful from harmless.
    """
    style = "".join(read_asset(name) for name in _STYLES)
    harm, refusal = direction.harm, direction.refusal
    return read_template("inside.html.jinja").render(
        model=make_visible(direction.model),
        found=direction,
        summary=say_inside(direction),
        why_not=tuple(reason for reason in (harm.why_not, *refusal.why_not) if reason),
        picture=None if case_map is None else draw_cases(case_map),
        lines=tuple(_tabulate(direction, case_map)),
        layers=(
            _draw_layers("Harm, where the request ends", harm.by_layer, harm.layer),
            _draw_layers(
                "Refusal, where the reply begins", refusal.by_layer, refusal.chosen.layer if refusal.chosen else None
            ),
        ),
        policy=content_security_policy((), style),
        style=style,
    )


def _tabulate(found: DirectionRecord, case_map: CaseMap | None) -> Iterator[_Line]:
    harm, refusal = found.harm, found.refusal
    if harm.auroc:
        yield _line("Harmful told from harmless by the direction, AUROC", harm.auroc, harm.auroc_control)
    if harm.probe and harm.probe_shuffled:
        yield _line("… by a linear probe at the same place", harm.probe, shuffled=harm.probe_shuffled)
    for suite in harm.by_suite:
        yield _line(f"… in {make_visible(suite.suite)} by the direction of the other suites", suite.auroc)
        yield _line(f"… in {make_visible(suite.suite)} by the probe of the other suites", suite.probe)
    if refusal.auroc:
        yield _line("Refused told from answered, AUROC", refusal.auroc, refusal.auroc_control)
    if refusal.induced:
        induced = refusal.induced
        yield _Line(
            "Refusal score of harmless requests with the direction added",
            f"{induced.value:+.1f}",
            "",
            _spread(induced.random),
            _spread(induced.shuffled),
        )
    if case_map is not None and case_map.detector is not None:
        yield _line("False refusals told from true ones by the map, AUROC", case_map.detector.false_alarm)
        yield _line("… by the energy", case_map.detector.energy)
        yield _line("… by a linear probe of harm", case_map.detector.probe)


def _line(
    what: str, estimate: Estimate, control: Controlled | None = None, *, shuffled: Control | None = None
) -> _Line:
    random, shuffled = (control.random, control.shuffled) if control else (None, shuffled)
    interval = "" if estimate.low is None else f"{estimate.low:.2f}–{estimate.high:.2f}, n {estimate.n:,}"
    return _Line(what, _show(estimate), interval, *("" if one is None else _spread(one) for one in (random, shuffled)))


def _show(estimate: Estimate) -> str:
    return "not measured" if estimate.value is None else f"{estimate.value:.2f}"


def _spread(control: Control) -> str:
    return f"{control.low:.2f} to {control.high:.2f}"


def _draw_layers(title: str, layers: Sequence[LayerAuroc], chosen: int | None) -> _Layers | None:
    """Draw areas from 0 to 1, the upper edge being 1; None where no layer was measured."""
    rows = tuple(
        (
            (number + 0.5) / len(layers),
            1 - one.auroc.value,
            1 - one.auroc.high,
            1 - one.auroc.low,
            1 - one.shuffled.high,
            1 - one.shuffled.low,
            one.layer == chosen,
        )
        for number, one in enumerate(layers)
        if one.auroc.value is not None and one.auroc.low is not None and one.auroc.high is not None
    )
    return _Layers(title, rows) if rows else None
