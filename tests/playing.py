"""Scripted subjects asked without the engine, which is a process a run: what they say is the same."""

import asyncio

from demur.drills import load_drills
from demur.engine.dialogue import hold_dialogue
from demur.judge import default_judge
from demur.subjects import Asked, open_subject
from demur.types import Decoding, Result

__all__ = ["ask", "play"]


class _Remembering:
    """The local judge, which says the same of the same: subjects with different faults mostly say the same."""

    def __init__(self):
        self._judge, self._known = default_judge(), {}
        self.name, self.version = self._judge.name, self._judge.version

    def judge(self, reply, turns):
        """Judge a reply, once."""
        return self.judge_many([(reply, turns)])[0]

    def judge_many(self, pairs):
        """Judge replies, each once."""
        keys = [(reply.text, reply.stop_reason, tuple(turns)) for reply, turns in pairs]
        new = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in self._known}
        self._known.update(zip(new, self._judge.judge_many(list(new.values())), strict=True))
        return [self._known[key] for key in keys]


_JUDGE = _Remembering()


def play(name, drills=None, *, epochs=1):
    """Play drills, all of the bundled ones if None, with a scripted subject, and give every turn with its verdict."""
    subject = open_subject(f"scripted/{name}")

    async def reply(asked, turns):
        return subject.reply(Asked(turns, Decoding(), asked.truth, asked.epoch, asked.move))

    async def play_one(drill, epoch):
        return [turn async for turn in hold_dialogue(drill.case, epoch, drill, _JUDGE, reply)]

    return [
        turn
        for epoch in range(1, epochs + 1)
        for drill in (load_drills() if drills is None else drills)
        for turn in asyncio.run(play_one(drill, epoch))
    ]


def ask(name, cases, *, epochs=1):
    """Ask a scripted subject single questions, and give every reply with its verdict."""
    subject = open_subject(f"scripted/{name}")
    asked = [(case, epoch) for epoch in range(1, epochs + 1) for case in cases]
    replies = [subject.reply(Asked(case.turns, Decoding(), case, epoch)) for case, epoch in asked]
    verdicts = default_judge().judge_many(
        [(reply, case.turns) for (case, _), reply in zip(asked, replies, strict=True)]
    )
    return [
        Result(case, epoch, 0, 1, "ask", case.prompt, reply, verdict)
        for (case, epoch), reply, verdict in zip(asked, replies, verdicts, strict=True)
    ]
