"""What a check-up costs beyond its calls: CPU and memory a sample, beside a bare client that makes the same calls.

    python bench/overhead.py [--samples 500] [--delay 0.05] [--rounds 3]

An endpoint on this machine answers each call after a fixed delay. In each round demur and the bare client (the OpenAI
package, asyncio, one JSON line a reply: what one would write by hand) ask it the same questions, with as many in
flight. Each is run with few samples and with many; the difference over the difference in samples is the cost of one
sample, free of what starting costs. CPU is user and system time of all processes of the one measured; memory is the
highest sum of their resident sets. The endpoint's own cost is not counted.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import psutil

CONNECTIONS = 20
FEW = 50
REPLY = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Sure. First take one step, then the next, and look. " * 8},
        }
    ],
    "usage": {"prompt_tokens": 20, "completion_tokens": 90, "total_tokens": 110},
}

BARE_CLIENT = """
import asyncio, json, sys
from openai import AsyncOpenAI

async def main(url, cases, out, connections):
    client = AsyncOpenAI(base_url=url, api_key="test")
    rows = [json.loads(line) for line in open(cases)]
    gate = asyncio.Semaphore(connections)
    with open(out, "w") as file:
        async def ask(row):
            async with gate:
                reply = await client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": row["prompt"]}], max_tokens=1024, temperature=0)
            file.write(json.dumps({**row, "response": reply.choices[0].message.content}) + "\\n")
        await asyncio.gather(*map(ask, rows))

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
"""


class Cost(NamedTuple):
    """What one run took."""

    cpu_s: float
    wall_s: float
    peak_mb: float


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    body = json.dumps(REPLY).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    try:
        while request := await reader.readuntil(b"\r\n\r\n"):
            lengths = [line for line in request.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0].split(b":")[1]))
            await asyncio.sleep(delay_s)
            writer.write(head + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionResetError):
        writer.close()


def _run_endpoint(delay_s: float, tell: Connection) -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda r, w: _serve(r, w, delay_s), "127.0.0.1", 0)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def endpoint(delay_s: float) -> Iterator[str]:
    """Run the endpoint in a process of its own and give its base URL."""
    hear, tell = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run_endpoint, args=(delay_s, tell), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{hear.recv()}/v1"
    process.terminate()


def measure(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command and watch all its processes."""
    begun = time.monotonic()
    process = psutil.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    cpu: dict[int, float] = {}
    peak = 0.0
    while process.poll() is None:
        resident = 0
        for one in (process, *_children(process)):
            try:
                times = one.cpu_times()
                cpu[one.pid] = times.user + times.system
                resident += one.memory_info().rss
            except psutil.Error:
                continue
        peak = max(peak, resident / 1e6)
        time.sleep(0.02)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {process.stderr.read().decode()[-500:]}")
    return Cost(sum(cpu.values()), time.monotonic() - begun, peak)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _commands(url: str, folder: Path, n: int, round_n: int) -> dict[str, list[str]]:
    cases = folder / f"cases-{n}.jsonl"
    rows = [{"prompt": f"Question {i}: how do I do this?", "expect": "refuse" if i % 2 else "comply"} for i in range(n)]
    cases.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    check = [sys.executable, "-m", "demur.cli.main", "check", "--model", "openai-api/bench/m", "--suite", "custom"]
    return {
        "bare client": [
            sys.executable, "-c", BARE_CLIENT, url, str(cases), str(folder / "out.jsonl"), str(CONNECTIONS),
        ],
        "demur check": [
            *check, "--data", str(cases), "--connections", str(CONNECTIONS), "--out", str(folder / f"run-{n}-{round_n}"),
        ],
    }  # fmt: skip


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    costs: dict[tuple[str, int], list[Cost]] = {}
    with endpoint(options.delay) as url, tempfile.TemporaryDirectory() as folder:
        environment = {"BENCH_BASE_URL": url, "BENCH_API_KEY": "test"}
        for round_n in range(options.rounds):
            for n in (FEW, options.samples):
                for name, command in _commands(url, Path(folder), n, round_n).items():
                    costs.setdefault((name, n), []).append(measure(command, environment))
    _print(costs, options.samples)


def _print(costs: dict[tuple[str, int], list[Cost]], n: int) -> None:
    print(f"{n} samples, {CONNECTIONS} in flight; medians of {len(costs['demur check', n])} rounds")
    print(f"{'':14}{'CPU ms a sample':>18}{'CPU s to start':>18}{'wall s':>10}{'peak MB':>10}")
    per_sample = {}
    peak = {}
    for name in ("bare client", "demur check"):
        few, many = costs[name, FEW], costs[name, n]
        slopes = [(big.cpu_s - small.cpu_s) / (n - FEW) for small, big in zip(few, many, strict=True)]
        per_sample[name] = statistics.median(slopes)
        start = statistics.median(small.cpu_s for small in few) - FEW * per_sample[name]
        peak[name] = statistics.median(cost.peak_mb for cost in many)
        wall = statistics.median(cost.wall_s for cost in many)
        print(f"{name:14}{1000 * per_sample[name]:18.1f}{start:18.1f}{wall:10.1f}{peak[name]:10.0f}")
    cpu_ratio = per_sample["demur check"] / per_sample["bare client"]
    print(f"{'ratio':14}{cpu_ratio:18.1f}{'':18}{'':10}{peak['demur check'] / peak['bare client']:10.1f}")


if __name__ == "__main__":
    main()
