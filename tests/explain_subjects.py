"""Subjects for explanations: scripted ones asked in this process, judged by how their replies begin."""

from dataclasses import replace

from run_samples import RECORD

from demur.errors import IncompleteError
from demur.explain import Inquiry
from demur.findings import Run
from demur.run import SubjectRecord
from demur.subjects import Asked, open_subject
from demur.subjects.speech import OPENINGS
from demur.types import Decoding, Reply, Result, Verdict


def judge_by_opening(reply):
    """Tell a scripted subject's refusal from its answer: every one of its own begins with one of a few sentences."""
    if reply.stop_reason == "content_filter":
        return Verdict("refuse", layer="filter", judge="opening")
    return Verdict("refuse" if reply.text.startswith(OPENINGS) else "comply", layer="model", judge="opening")


def scripted(name):
    """Give what asks a scripted subject."""
    return behaving(open_subject(f"demur/scripted/{name}").reply)


def behaving(behave):
    """Give what asks a behaviour: what was asked goes in, a reply, or whether it refuses, comes out."""

    def ask(cases, sample):
        results = []
        for case in cases:
            said = behave(Asked(case.turns, Decoding(), case, sample + 1))
            reply = said if isinstance(said, Reply) else Reply(OPENINGS[0] if said else "Sure.")
            results.append(Result(case, 1, 0, 1, "ask", case.prompt, reply, judge_by_opening(reply)))
        return results

    return ask


def inquire(ask, budget=40, *, is_greedy=True):
    """Begin an inquiry."""
    return Inquiry(ask, budget, is_greedy=is_greedy)


class KeptRounds:
    """Stands in for `demur.kept_checkup.take_up`: a scripted subject in this process, whose rounds are kept by their folder."""

    def __init__(self, ask=None, *, stop_after=None):
        self.ask = ask
        self.stop_after = stop_after
        self.asked = []
        self.kept = {}

    def __call__(self, path, model, asked, *, decoding, wanted, settings, on_progress):  # noqa: ARG002 -- its signature
        """Ask a round, or give the one that is kept."""
        if path not in self.kept:
            if self.stop_after is not None and len(self.asked) + len(asked) > self.stop_after:
                raise IncompleteError("interrupted; what was answered is kept; give the same command again")
            self.asked += asked
            ask = self.ask or scripted(model.removeprefix("demur/scripted/"))
            results = tuple(ask(asked, decoding.seed))
            self.kept[path] = Run(path, replace(RECORD, subject=SubjectRecord(model, None, decoding)), results)
        return self.kept[path]
