"""The check-up as an Inspect task, ours or run by ``inspect eval demur/check``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample

from demur.drills import Drill
from demur.engine.grader import Grader, grader_of_role
from demur.engine.samples import sample_of_case
from demur.engine.scorer import graded_verdict, refusal_verdict
from demur.engine.solver import Journal, converse
from demur.judge import default_judge
from demur.plan import DEFAULT_SUITES, plan_cases
from demur.records import read_text
from demur.types import Decoding

__all__ = ["check", "make_task"]


def make_task(
    samples: Sequence[Sample],
    drills: Mapping[tuple[str, str], Drill],
    *,
    decoding: Decoding | None = None,
    journal: Journal | None = None,
    grader: Grader | None = None,
) -> Task:
    """Make the task that asks these samples, by these scripts, and judges the replies, twice if there is a grader."""
    return Task(
        dataset=MemoryDataset(list(samples), name="demur"),
        solver=converse(default_judge(), drills, decoding, journal, grader),
        scorer=[refusal_verdict(), *([] if grader is None else [graded_verdict()])],
        name="check",
    )


@task
def check(
    suite: str | list[str] = list(DEFAULT_SUITES),  # noqa: B006 -- Inspect reads it as the option's default
    data: str | None = None,
    system: str | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> Task:
    """Measure a model's refusals in both directions; with a model role ``grader``, by a second judge too.

    Args:
        suite: names of suites, as `demur suites` lists them.
        data: path of the file or folder of a suite that is not bundled.
        system: path of a file with the system prompt.
        limit: most cases to draw.
        seed: of the draw.
    """
    names = suite.split(",") if isinstance(suite, str) else suite
    plan = plan_cases(
        names,
        data=Path(data) if data else None,
        system=read_text(Path(system)).strip() if system else None,
        limit=limit,
        seed=seed,
    )
    return make_task([sample_of_case(case) for case in plan.cases], plan.scripts, grader=grader_of_role())
