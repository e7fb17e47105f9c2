"""LiteLLM's client, unchanged, against the gateway: a line for each thing that is tried, and exit status 1 if one of them failed.

    python bench/litellm_client.py [--peers DIR]

LiteLLM is installed as bench/litellm.txt says, into a folder of its own, as for bench/gateway.py. It asks a gateway with a small policy, in
front of a model that says what it was made to, all on this machine: chats and responses, whole, streamed and async, tools, two
choices, what is blocked before and after the model was asked, a crisis, a wrong key and a limit.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from gateway_parts.gateways import serve_policy
from gateway_parts.litellm import ENVIRONMENT, make_environment
from gateway_parts.processes import BENCH, serve

_POLICY = """
intent: off
rules:
  - {name: lures, category: fraud, action: block, at: [input], phrases: [phishing mail]}
  - {name: codes, category: privacy, action: block, at: [output], patterns: ['CODE-[0-9]{4}']}
  - {name: crisis, category: self, action: escalate, at: [input], phrases: [want to die]}
"""
_KEYS = """
keys:
  - {name: one, sha256: %s}
  - {name: few, sha256: %s, policy: few.yaml}
"""
_FEW = "limits: [{per: key, requests: 1}]"
"""The policy of a caller who may ask once a minute."""


def main() -> None:
    """Serve a gateway, and have LiteLLM's client ask it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers", type=Path, metavar="DIR", default=cache / "demur-bench" / "litellm", help="its environment"
    )
    peers = parser.parse_args().peers
    make_environment(peers)
    speaker = [sys.executable, "-m", "gateway_parts.speaker"]
    with (
        tempfile.TemporaryDirectory() as made,
        serve("the model", lambda port: [*speaker, str(port)], ready="/") as model,
        serve_policy(model.url, _write_policies(Path(made)), name="demur", folder=Path(made), store=None) as gateway,
    ):
        asking = [str(peers / "bin" / "python"), "-W", "ignore", "-m", "gateway_parts.litellm_asks", gateway.url]
        ran = subprocess.run(asking, cwd=BENCH, env={**os.environ, **ENVIRONMENT}, check=False)
    sys.exit(ran.returncode)


def _write_policies(folder: Path) -> Path:
    digests = tuple(hashlib.sha256(name.encode()).hexdigest() for name in ("one", "few"))
    (folder / "few.yaml").write_text(f"{_POLICY}{_FEW}\n", encoding="utf-8")
    policy = folder / "policy.yaml"
    policy.write_text(_POLICY + _KEYS % digests, encoding="utf-8")
    return policy


if __name__ == "__main__":
    main()
