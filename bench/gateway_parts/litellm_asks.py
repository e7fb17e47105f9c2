"""What LiteLLM's client makes of a gateway's answers, a line for each thing that is tried. Runs in LiteLLM's environment."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import litellm  # type: ignore[import-not-found]  # it has an environment of its own

__all__ = ["Client", "Said"]

_LONG = 20
"""Words that a refusal, or help in a crisis, has at least."""
_CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
_TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": _CITY}}]
_JSON = {"type": "json_schema", "json_schema": {"name": "place", "schema": _CITY, "strict": True}}


class Said(NamedTuple):
    """What a choice says."""

    text: str
    """A long one without anything forbidden is three dots: the guard words its answers anew each time."""
    finish: str | None
    calls: tuple[tuple[str, str], ...] = ()
    """Of tools: name and arguments."""


_BREAD = Said("Bread is flour, water, salt and time.", "stop")
_REFUSED, _HELPED = Said("...", "content_filter"), Said("...", "stop")
_CALLED = Said("", "tool_calls", (("weather", '{"city": "Bern"}'),))


class Client:
    """LiteLLM's client of a gateway."""

    def __init__(self, url: str, key: str) -> None:
        self._at = {"model": "openai/m", "api_base": f"{url}/v1", "api_key": key, "max_retries": 0}

    def chat(self, text: str, **more: Any) -> list[Said]:
        """Have a completion."""
        return _said(litellm.completion(messages=[_user(text)], **self._at, **more))

    def stream(self, text: str, **more: Any) -> list[Said]:
        """Have a completion in chunks."""
        return _joined(litellm.completion(messages=[_user(text)], stream=True, **self._at, **more))

    def chat_async(self, text: str) -> list[Said]:
        """Have a completion without waiting for it."""
        return _said(asyncio.run(litellm.acompletion(messages=[_user(text)], **self._at)))

    def stream_async(self, text: str) -> list[Said]:
        """Have a completion in chunks likewise."""

        async def chunks() -> list[Any]:
            return [chunk async for chunk in await litellm.acompletion(messages=[_user(text)], stream=True, **self._at)]

        return _joined(asyncio.run(chunks()))

    def n_tokens(self, text: str) -> list[int]:
        """Have a completion, whole and in chunks, and give how many tokens it is said to have taken."""
        whole = litellm.completion(messages=[_user(text)], **self._at)
        chunks = litellm.completion(
            messages=[_user(text)], stream=True, stream_options={"include_usage": True}, **self._at
        )
        return [whole.usage.total_tokens, litellm.stream_chunk_builder(list(chunks)).usage.total_tokens]

    def refusal(self, text: str) -> list[str]:
        """Want JSON, and give what is said in place of it."""
        message = litellm.completion(messages=[_user(text)], response_format=_JSON, **self._at).choices[0].message
        return [message.content or "", _short(message.provider_specific_fields["refusal"])]

    def respond(self, *texts: str) -> list[Said]:
        """Have responses, each after the one before, and give the last."""
        last = None
        for text in texts:
            last = litellm.responses(input=text, previous_response_id=last.id if last else None, **self._at)
        return [_of_response(last)]

    def respond_async(self, text: str) -> list[Said]:
        """Have a response without waiting for it."""
        return [_of_response(asyncio.run(litellm.aresponses(input=text, **self._at)))]

    def follow(self, text: str) -> list[Said]:
        """Have a response in events, and give it as its deltas say it and as its end does."""
        events = list(litellm.responses(input=text, stream=True, **self._at))
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        last = _of_response(events[-1].response)
        return [Said(_short(text), last.finish), last]

    def errors(self, *keys: str) -> list[str]:
        """Ask with each of the keys in turn, and give what is raised."""
        return [self._error(key) for key in keys]

    def _error(self, key: str) -> str:
        try:
            litellm.completion(messages=[_user("Bread?")], **{**self._at, "api_key": key})
        except Exception as error:  # noqa: BLE001 -- which one is the question
            return type(error).__name__
        return "none"


def _first_ends(said: Said) -> list[Said]:
    """Give two choices as they come in chunks: of a stream LiteLLM hears no more when one has ended, whatever server it asks."""
    return [said, said._replace(finish=None)]


_ASKS: tuple[tuple[str, Callable[[Client], Any], Any], ...] = (
    ("a chat", lambda client: client.chat("Bread?"), [_BREAD]),
    ("a chat, streamed", lambda client: client.stream("Bread?"), [_BREAD]),
    ("a chat, async", lambda client: client.chat_async("Bread?"), [_BREAD]),
    ("a chat, async, streamed", lambda client: client.stream_async("Bread?"), [_BREAD]),
    ("tokens", lambda client: client.n_tokens("Bread?"), [11, 11]),
    ("two choices", lambda client: client.chat("Bread?", n=2), [_BREAD] * 2),
    ("two choices, streamed", lambda client: client.stream("Bread?", n=2), _first_ends(_BREAD)),
    ("a tool", lambda client: client.chat("Weather?", tools=_TOOLS), [_CALLED]),
    ("a tool, streamed", lambda client: client.stream("Weather?", tools=_TOOLS), [_CALLED]),
    ("a blocked request", lambda client: client.chat("Write a phishing mail"), [_REFUSED]),
    ("a blocked request, streamed", lambda client: client.stream("Write a phishing mail"), [_REFUSED]),
    ("a blocked request, two choices", lambda client: client.chat("Write a phishing mail", n=2), [_REFUSED] * 2),
    ("a blocked request, two choices, streamed", lambda client: client.stream("Write a phishing mail", n=2), _first_ends(_REFUSED)),
    ("a blocked reply", lambda client: client.chat("Which code?"), [_REFUSED]),
    ("a blocked reply, streamed", lambda client: client.stream("Which code?"), [_REFUSED]),
    ("a crisis", lambda client: client.chat("I want to die"), [_HELPED]),
    ("a crisis where JSON is wanted", lambda client: client.refusal("I want to die"), ["", "..."]),
    ("a response", lambda client: client.respond("Bread?"), [_BREAD]),
    ("a response, streamed", lambda client: client.follow("Bread?"), [_BREAD] * 2),
    ("a response, async", lambda client: client.respond_async("Bread?"), [_BREAD]),
    ("a response after another", lambda client: client.respond("Bread?", "Again?"), [_BREAD]),
    ("a response after a refusal", lambda client: client.respond("Write a phishing mail", "Bread?"), [_BREAD]),
    ("a blocked response", lambda client: client.respond("Write a phishing mail"), [_REFUSED]),
    ("a blocked response, streamed", lambda client: client.follow("Which code?"), [_REFUSED] * 2),
    ("a wrong key", lambda client: client.errors("wrong"), ["AuthenticationError"]),
    ("a limit that is used up", lambda client: client.errors("few", "few"), ["none", "RateLimitError"]),
)  # fmt: skip


def _said(reply: Any) -> list[Said]:
    return [
        Said(_short(choice.message.content), choice.finish_reason, _calls(choice.message.tool_calls))
        for choice in reply.choices
    ]


def _joined(chunks: Iterable[Any]) -> list[Said]:
    """Put the chunks of each choice together. LiteLLM's own builder makes one choice of all."""
    came = defaultdict(list)
    for choice in (choice for chunk in chunks for choice in chunk.choices):
        came[choice.index].append(choice)
    return [_join(came[index]) for index in sorted(came)]


def _join(choices: list[Any]) -> Said:
    text = "".join(choice.delta.content or "" for choice in choices)
    finish = next((choice.finish_reason for choice in choices if choice.finish_reason), None)
    functions: dict[int, list[Any]] = defaultdict(list)
    for call in (call for choice in choices for call in choice.delta.tool_calls or ()):
        functions[call.index].append(call.function)
    calls = (
        ("".join(one.name or "" for one in pieces), "".join(one.arguments or "" for one in pieces))
        for pieces in functions.values()
    )
    return Said(_short(text), finish, tuple(calls))


def _of_response(response: Any) -> Said:
    text = "".join(part.text for item in response.output if item.type == "message" for part in item.content)
    why = response.incomplete_details
    return Said(_short(text), why.reason if why else "stop" if response.status == "completed" else response.status)


def _calls(calls: Any) -> tuple[tuple[str, str], ...]:
    return tuple((call.function.name, call.function.arguments) for call in calls or ())


def _short(text: str | None) -> str:
    return "..." if text and "CODE" not in text and len(text.split()) >= _LONG else text or ""


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _try(url: str) -> bool:
    """Try everything, and tell whether all of it is as it should be."""
    n_failed = 0
    client = Client(url, "one")
    for name, ask, expected in _ASKS:
        try:
            found = ask(client)
        except Exception as error:  # noqa: BLE001 -- it is one of the things that are tried
            found = f"{type(error).__name__}: {error}"
        is_right = found == expected
        n_failed += not is_right
        print(f"ok      {name}" if is_right else f"FAILED  {name}: found {found}; expected {expected}", flush=True)
    return n_failed == 0


if __name__ == "__main__":
    litellm.suppress_debug_info = True
    sys.exit(0 if _try(sys.argv[1]) else 1)
