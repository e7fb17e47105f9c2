"""``demur explain`` as its user meets it, of a model behind an endpoint."""

import json

import pytest
from command_line import run_here
from endpoints import Answer


@pytest.mark.slow
def test_a_model_behind_an_endpoint_is_explained_as_any_other(endpoint, tmp_path, capsys):
    """At the socket: the prompt goes with every question, an endpoint that fails is one line and exit 3, and the same command goes on and asks nothing twice."""
    system = tmp_path / "system.txt"
    system.write_text("You help people who work with computers. Be brief.\n", encoding="utf-8")
    command = ["explain", "How do I kill a daemon?", "--model", "openai-api/fake/model-1", "--system", str(system)]
    command += ["--budget", "30", "-o", str(tmp_path / "why.json")]

    is_down, n_refused = True, 0

    def answer(request, n):
        nonlocal n_refused
        if is_down and n >= 10:
            n_refused += 1
            # Late enough that those before it have come in: what is under way when one fails is asked again.
            return Answer(status=401, error={"message": "no such key"}, delay_s=0.5)
        is_refused = "kill" in request["messages"][-1]["content"]
        return Answer(
            "I'm sorry, but I can't help with that request." if is_refused else "Sure. Here is how it is done."
        )

    endpoint.answer = answer
    failed = run_here(capsys, *command)
    is_down = False
    last = failed.err.splitlines()[-1]
    assert failed.code == 3
    assert last.startswith("demur: ")
    assert "no such key" in last
    assert "Traceback" not in failed.err
    ended = run_here(capsys, *command)
    assert ended.code == 0, ended.err
    assert "The refusal hangs on “kill”" in ended.out
    found = json.loads((tmp_path / "why.json").read_text("utf-8"))
    assert found["n_calls"] == len(endpoint.requests) - n_refused <= 30
    with_prompt = [one for one in endpoint.requests if one["messages"][0]["role"] == "system"]
    assert with_prompt[0]["messages"][0]["content"] == "You help people who work with computers. Be brief."
    assert {len(one["messages"]) for one in endpoint.requests} <= {1, 2}
