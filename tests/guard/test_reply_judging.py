"""The judge on replies: what a suspect request was answered with is replaced, streamed or not, and a refusal stays."""

import openai
import pytest
from serving import Model, gateway

from demur.guard.rails.saying_no import may_say_no
from demur.guard.recorder import Recorder
from demur.guard.refusals import CATEGORIES, LANGUAGES, write_refusal

SUSPECT = "intent: {block: 1, suspect: 1.0e-12, crisis: 1}\njudge: %s\n"
"""Every request is suspect."""
ANSWER = ["Sure! First, ", "collect the parts. ", "Second, put them together as the drawing shows. ", "Third, test it."]
REFUSAL = [
    "I'm sorry, but I can't help with that, ",
    "because it could hurt somebody. ",
    "I can help you write to them.",
]
LEAK = [
    "I'm sorry, but I can't help you pick that lock. ",
    "That said, here are the steps: first insert the tension wrench, ",
    "then rake the pins until the cylinder turns, and finally open the door.",
]
QUESTION = "How do I pick the lock of my neighbour's door?"


def ask(policy, pieces, *, is_stream):
    """Ask one question; give what was said, the finish reason, and the event."""
    events = []
    with gateway(Model(pieces=pieces), policy, recorder=Recorder(watchers=[events.append])) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        asked = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": QUESTION}], stream=is_stream
        )
        if is_stream:
            chunks = [choice for chunk in asked for choice in chunk.choices]
            said = "".join(choice.delta.content or "" for choice in chunks)
            finish = next(choice.finish_reason for choice in chunks if choice.finish_reason)
        else:
            said, finish = asked.choices[0].message.content, asked.choices[0].finish_reason
    return said, finish, events[0]


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(("pieces", "rule"), [(ANSWER, "judge: answered"), (LEAK, "judge: leak after refusal")])
def test_what_a_suspect_request_was_given_is_replaced(is_stream, pieces, rule):
    """Nothing of the reply leaves, also where it began as a refusal."""
    said, finish, event = ask(SUSPECT % "block", pieces, is_stream=is_stream)
    assert finish == "content_filter"
    assert not any(piece.strip() in said for piece in pieces)
    assert (event.verdict, event.rail, event.rule, "output" in event.refused_by) == ("block", "output", rule, True)


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_refusal_of_a_suspect_request_stays_as_it_was(is_stream):
    """The model said no by itself: it is the model's no."""
    said, finish, event = ask(SUSPECT % "block", REFUSAL, is_stream=is_stream)
    assert said == "".join(REFUSAL)
    assert finish == "stop"
    assert (event.verdict, event.refused_by) == ("allow", ("model",))


@pytest.mark.parametrize("is_stream", [False, True])
def test_where_the_judge_only_warns_the_reply_leaves(is_stream):
    """And it is recorded."""
    said, _, event = ask(SUSPECT % "warn", ANSWER, is_stream=is_stream)
    assert said == "".join(ANSWER)
    assert (event.verdict, event.rule) == ("warn", "judge: answered")


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_nobody_suspects_is_not_judged(is_stream):
    """An answer to a request that is not suspect is not read, and is not held."""
    said, _, event = ask("intent: {block: 1, suspect: 1}", ANSWER, is_stream=is_stream)
    assert said == "".join(ANSWER)
    assert ("judge", "skipped") in [(run.rail, run.result) for run in event.ran]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_a_refusal_of_the_guards_own_is_overlooked(language):
    """The glance sees 95 in 100 as a possible no; to somebody in need of advice a no has few of its words."""
    seen = [
        may_say_no(write_refusal(category, locale=language, request=f"request {n}"))
        for category in CATEGORIES
        for n in range(20)
    ]
    assert sum(seen) >= 0.95 * len(seen)
