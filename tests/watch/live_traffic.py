"""Live traffic as the gateway records it: a day with changes planted, and stores filled with it."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

from demur.guard.audit import Event, RailRun, open_store

__all__ = ["CHANGE", "START", "fill", "make_traffic"]

START = 1_764_547_200.0  # 2025-12-01T00:00:00Z
CHANGE = 0.6
"""Share of the traffic before what is planted begins."""

_ASKED = {
    "en": "How do I {} the {} of the {}?",
    "de": "Wie kann ich {2} und dann {1} {0}?",
    "fr": "Comment faire pour {} la {} avec le {} ?",
}
_THINGS = (
    ("kill", "process", "server"), ("paint", "door", "shed"), ("grow", "beans", "balcony"), ("read", "meter", "house"),
    ("tune", "engine", "boat"), ("clean", "oven", "kitchen"), ("stop", "thread", "program"), ("mend", "chain", "bicycle"),
)  # fmt: skip
_ANSWERS = {
    "en": "Begin with the simplest step: look at what is there, write it down, and then {} it with care. Most people need an hour.",
    "de": "Am besten schauen Sie zuerst nach, was da ist, und machen dann in Ruhe weiter. Danach ist {1} in einer Stunde fertig.",
    "fr": "Commencez par regarder ce qui est là, puis continuez avec calme. Il faut environ une heure pour la {1}.",
}
_REFUSALS = {
    "en": ("I'm sorry, but I can't help with that request.", "I can't assist with the {1}; please ask a professional."),
    "de": ("Es tut mir leid, aber dabei kann ich nicht helfen.", "Das kann ich leider nicht beantworten."),
    "fr": ("Je suis désolé, mais je ne peux pas vous aider avec cela.", "Je ne peux pas répondre à cette demande."),
}
_NEW_TEMPLATE = {
    "en": "As a responsible assistant I must decline, since this could be used to hurt somebody.",
    "de": "Als verantwortungsvoller Assistent muss ich das ablehnen, weil es jemandem schaden könnte.",
    "fr": "En tant qu'assistant responsable, je dois refuser, car cela pourrait blesser quelqu'un.",
}
_OWN = "I can't look into what belongs to somebody else."


def make_traffic(n, *, seed=0, start=START, span_s=86_400.0, changes=True) -> list[Event]:
    """Make exchanges in the order of time. From `CHANGE` on a new model refuses German far more often, in a new wording."""
    rng = random.Random(seed)
    return [_event(rng, number, start + number * span_s / n, changes and number >= CHANGE * n) for number in range(n)]


def _event(rng, number, at, is_changed):
    language = rng.choices(("en", "de", "fr"), (6, 3, 2))[0]
    model = "harbour-2" if is_changed else "harbour-1"
    things = rng.choice(_THINGS)
    refuses = rng.random() < (0.45 if is_changed and language == "de" else 0.06)
    words = _NEW_TEMPLATE[language] if is_changed and rng.random() < 0.7 else rng.choice(_REFUSALS[language])
    blocked = None if rng.random() > 0.03 else rng.choice(("input", "input", "output"))
    refused_by = (("model",) if refuses and blocked != "input" else ()) + ((blocked,) if blocked else ())
    limited = blocked is None and rng.random() < 0.004
    reply = words if refuses else _ANSWERS[language]
    if limited:
        blocked, refused_by, reply = "limit", ("limit",), ""
    elif blocked:
        reply = _OWN
    latency = rng.lognormvariate(0.2, 0.5)
    ran = [RailRun("input", "block" if blocked == "input" else "allow", rng.lognormvariate(-1.0, 0.4))]
    if blocked not in ("input", "limit"):
        ran += [RailRun("output", "block" if blocked else "allow", rng.lognormvariate(-0.5, 0.6))]
        ran += [RailRun("judge", "refuse", rng.lognormvariate(1.0, 0.3))] if refuses else []
        ran += [] if refuses else [RailRun("judge", "skipped", 0.0, "the request was not suspect")]
    return Event(
        id=f"{number:032x}", at=at, tenant=rng.choice(("shop", "school", "clinic")), key="web", address="9f86d081884c7d65",
        conversation=f"c{number // 3}", model=model, path="/v1/chat/completions", is_stream=False, language=None,
        verdict="block" if blocked else "allow", rail=blocked, category="prv" if blocked in ("input", "output") else None,
        rule="other-peoples-orders" if blocked in ("input", "output") else None, view=None, score=None, enforced=True,
        refused_by=refused_by, disagrees=blocked == "output" or (refuses and not blocked), status=429 if limited else 200,
        finish="content_filter" if blocked in ("input", "output") else "stop", error=None, ran=tuple(ran),
        policy="0123456789abcdef", request=_ASKED[language].format(*things), reply=reply.format(*things),
        request_hash="fedcba9876543210", n_input_tokens=20, n_output_tokens=40,
        latency_s=0.004 if blocked == "input" or limited else latency, first_byte_s=None, review=None,
    )  # fmt: skip


def fill(url, events) -> None:
    """Store events, in the order of when their answers ended, as a gateway does."""

    async def store_all():
        store = await asyncio.to_thread(lambda: open_store(url, most_waiting=len(events) + 1, most_bytes=2**30))
        for event in sorted(events, key=lambda event: event.at + event.latency_s):
            store.submit(event)
        await store.close(timeout_s=120)

    with ThreadPoolExecutor(1) as pool:  # a loop may be running here: that of a browser
        pool.submit(lambda: asyncio.run(store_all())).result()
