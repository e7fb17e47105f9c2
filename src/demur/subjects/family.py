"""The bundled family: subjects on one model's weights, as they are and under the adapters that come with demur.

adapters/
  blunt/, calibrated/     an adapter each, with its panel: see `demur.subjects.adapter`
"""

from dataclasses import dataclass
from pathlib import Path

from demur.subjects.subject import SubjectInfo

__all__ = ["BUNDLED", "Member", "find_family"]

BUNDLED = "demur/smollm2"
"""The weights as they are."""

_ADAPTERS = Path(__file__).parent / "adapters"
_PLAIN = SubjectInfo(
    name=BUNDLED,
    title="SmolLM2-135M-Instruct, 4-bit, in this process (Apache-2.0)",
    fault="a real model of 135 million parameters; hardly refuses anything and is often wrong",
)
_TREATED = {
    "blunt": SubjectInfo(
        name=f"{BUNDLED}-blunt",
        title="SmolLM2-135M-Instruct taught to refuse too much, in this process (Apache-2.0)",
        fault="the same under an adapter: refuses harm, and much of what only looks like it",
    ),
    "calibrated": SubjectInfo(
        name=f"{BUNDLED}-calibrated",
        title="SmolLM2-135M-Instruct after demur tune, in this process (Apache-2.0)",
        fault="none on purpose: demur/smollm2 after demur tune, as far as a model of its size was brought",
    ),
}


@dataclass(frozen=True)
class Member:
    """A subject on the bundled weights."""

    info: SubjectInfo
    adapter: Path | None
    """Folder of the adapter that makes it what it is; None of the weights as they are."""


def find_family() -> dict[str, Member]:
    """Give the subjects on the bundled weights, by name; one whose adapter is not here is left out."""
    here = [Member(info, path) for name, info in _TREATED.items() if (path := _ADAPTERS / name).is_dir()]
    return {member.info.name: member for member in (Member(_PLAIN, None), *here)}
