"""What the gateway costs, how much later an answer comes through it, and whether its memory stays: each table by one command.

    python bench/gateway.py cost [--rounds 3] [--no-litellm] [-o FILE]     # CPU a request, beside a bare proxy and LiteLLM
    python bench/gateway.py latency [--rate 200] [--seconds 30] [-o FILE]  # added latency, the gateway alone on one core
    python bench/gateway.py soak [--requests 200000] [-o FILE]             # the time to the first answer; memory

Everything runs on this machine: what asks, a model that costs next to nothing, and each gateway in a process of its own with one worker.
The gateway has 500 patterns and 5,000 phrases, the classifier of intent, the judge, limits in memory and an audit store in SQLite. CPU is
user and system time of all its processes. LiteLLM is installed as bench/litellm.txt says, into a folder of its own. A run ends by itself,
at the latest after ``--within`` minutes, and takes its servers with it. Latency is worth nothing on a machine that does something else.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from gateway_parts.cost import CostOptions, measure_cost
from gateway_parts.latency import LatencyOptions, measure_latency
from gateway_parts.soak import SoakOptions, measure_soak


def main() -> None:
    """Read the command line and measure."""
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not done after {options.within} minutes; see --within"))
    signal.alarm(60 * options.within)
    options.measure(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tables = parser.add_subparsers(required=True, metavar="TABLE")
    _add_cost(tables.add_parser("cost", help="CPU a request, beside a bare proxy and LiteLLM"))
    _add_latency(tables.add_parser("latency", help="added latency, the gateway alone on one core"))
    _add_soak(tables.add_parser("soak", help="the time to the first answer, and memory over many requests"))
    return parser


def _add_cost(parser: argparse.ArgumentParser) -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", type=int, default=1000, help="requests that are not streamed, a round")
    parser.add_argument("--streams", type=int, default=200, help="streams, a round")
    parser.add_argument("--peer", type=int, default=90, help="requests to LiteLLM, a round; a third as many streams")
    parser.add_argument(
        "--peers", type=Path, metavar="DIR", default=cache / "demur-bench" / "litellm", help="its environment"
    )
    parser.add_argument("--no-litellm", action="store_true", help="leave it out")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="gateways with this in their name")
    _add_common(parser, within=60)
    parser.set_defaults(
        measure=lambda given: measure_cost(
            CostOptions(
                rounds=given.rounds,
                n_whole=given.whole,
                n_stream=given.streams,
                n_peer=given.peer,
                peers=None if given.no_litellm else given.peers,
                only=given.only,
                out=given.out,
            )
        )
    )


def _add_latency(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=float, default=200, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30, help="of each gateway and kind of request")
    parser.add_argument(
        "--turn", type=float, default=3, help="seconds in which one gateway is asked, before the next is"
    )
    parser.add_argument("--characters", type=int, default=100, help="of a prompt")
    parser.add_argument("--seed", type=int, default=0)
    _add_common(parser, within=20)
    parser.set_defaults(
        measure=lambda given: measure_latency(
            LatencyOptions(
                rate=given.rate,
                seconds=given.seconds,
                turn_s=given.turn,
                n_chars=given.characters,
                seed=given.seed,
                out=given.out,
            )
        )
    )


def _add_soak(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--starts", type=int, default=5, help="of a gateway, for the time to its first answer")
    parser.add_argument("--seed", type=int, default=0)
    _add_common(parser, within=90)
    parser.set_defaults(
        measure=lambda given: measure_soak(
            SoakOptions(n_requests=given.requests, starts=given.starts, seed=given.seed, out=given.out)
        )
    )


def _add_common(parser: argparse.ArgumentParser, *, within: int) -> None:
    parser.add_argument("--within", type=int, default=within, help="minutes after which it ends")
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="write all figures, as JSON")


if __name__ == "__main__":
    main()
