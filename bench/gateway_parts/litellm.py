"""LiteLLM's proxy, from an environment of its own, with and without its content filter."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from gateway_parts.processes import BENCH, Server, serve

__all__ = ["ENVIRONMENT", "Filter", "make_environment", "serve_litellm"]

Filter = Literal["two words", "five categories"]
"""What its content filter looks for, in requests and replies: as little as can be, or five of the categories of harm it ships."""

_INSTALLED = BENCH / "litellm.txt"
_CATEGORIES = (
    "harmful_self_harm",
    "harmful_violence",
    "harmful_illegal_weapons",
    "harmful_child_safety",
    "harm_toxic_abuse",
)
ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOG": "ERROR",
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    "NO_PROXY": "127.0.0.1",
}
"""Nothing is fetched from outside, and nobody is asked for a key: checking one would cost it more."""


@contextmanager
def serve_litellm(
    upstream: str, folder: Path, models: Sequence[str], *, name: str, peers: Path, looks_for: Filter | None
) -> Iterator[Server]:
    """Serve LiteLLM's proxy from its environment; without a content filter if it looks for nothing."""
    config = folder / f"{name.replace(' ', '-')}.yaml"
    config.write_text(json.dumps(_config(upstream, models, looks_for)), encoding="utf-8")
    program = [str(peers / "bin" / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--num_workers", "1"]
    with serve(
        name,
        lambda port: [*program, "--port", str(port)],
        ready="/health/liveliness",
        environment=ENVIRONMENT,
        folder=folder,
    ) as server:
        yield server


def _config(upstream: str, models: Sequence[str], looks_for: Filter | None) -> dict[str, object]:
    sought: dict[str, object] = {
        "categories": [
            {"category": category, "enabled": True, "action": "BLOCK", "severity_threshold": "medium"}
            for category in _CATEGORIES
        ]
    }
    if looks_for == "two words":
        sought = {"blocked_words": [{"keyword": word, "action": "BLOCK"} for word in ("zokarivu", "dumenafi")]}
    params = {"guardrail": "litellm_content_filter", "mode": ["pre_call", "post_call"], "default_on": True, **sought}
    return {
        "model_list": [
            {
                "model_name": model,
                "litellm_params": {"model": f"openai/{model}", "api_base": f"{upstream}/v1", "api_key": "none"},
            }
            for model in models
        ],
        **({"guardrails": [{"guardrail_name": "filter", "litellm_params": params}]} if looks_for is not None else {}),
    }


def make_environment(folder: Path) -> None:
    """Make an environment with LiteLLM in it, unless it is there.

    Raises:
        SystemExit: it cannot be installed.
    """
    wanted = _INSTALLED.read_text(encoding="utf-8")
    stamp = folder / "installed.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print(f"installing LiteLLM into {folder} (some minutes, 600 MB) ...", flush=True)
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            str(_INSTALLED),
        ],
    ):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"{' '.join(command)}: {ran.stderr[-1000:]}")
    stamp.write_text(wanted, encoding="utf-8")
