"""The registry: every set of cases that demur knows by name, with its origin, its licence and its readers.

Only the library comes with demur. Nothing of the published sets is part of this package.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from demur.cases.harmful import (
    read_advbench,
    read_ailuminate,
    read_harmbench,
    read_jailbreakbench_benign,
    read_jailbreakbench_harmful,
    read_multijail,
    read_strongreject,
)
from demur.cases.hub import HUB_PREFIX
from demur.cases.noncompliance import read_coconot_contrast, read_coconot_original
from demur.cases.over_refusal import (
    read_cyberseceval_frr,
    read_false_reject,
    read_or_bench_harmless,
    read_or_bench_toxic,
    read_xstest,
)
from demur.cases.tabular import Row
from demur.types import Case

__all__ = ["LIBRARY", "SUITES", "Part", "Reader", "Suite"]

Reader = Callable[[Row], Iterable[Case]]
"""Turns a row into its cases; into none where the row has no truth in demur's terms."""


@dataclass(frozen=True)
class Part:
    """One table of a suite, with one truth or one rule for it."""

    files: tuple[str, ...]
    """Patterns of the file names it goes by, lower case."""
    read: Reader
    hub: str | None = None
    """Address on the hub, as `read_hub` takes it."""


@dataclass(frozen=True)
class Suite:
    """A set of cases known by name."""

    name: str
    title: str
    size: str
    """Number of cases, as its authors give it."""
    url: str
    """Where it comes from; empty for what comes with demur."""
    licence: str
    """SPDX expression, or a few words where none fits."""
    citation: str
    columns: str
    """What the columns of its files are, and what they become."""
    note: str = ""
    """What its labels do not say, or which rows are left out."""
    parts: tuple[Part, ...] = ()
    """Its tables; none for the bundled library."""

    @property
    def hub(self) -> str | None:
        """Id of the data set on the Hugging Face hub, or None where demur knows of none."""
        address = next((part.hub for part in self.parts if part.hub), None)
        return address.removeprefix(HUB_PREFIX).partition("@")[0].partition(":")[0] if address else None


LIBRARY = Suite(
    name="library",
    title="demur's library of cards",
    size="262",
    url="",
    licence="Apache-2.0",
    citation="The demur authors, 2026.",
    columns="One Markdown card a case; see the module `demur.cases.card`.",
)

SUITES: tuple[Suite, ...] = (
    LIBRARY,
    Suite(
        name="xstest",
        title="XSTest",
        size="450",
        url="https://github.com/paul-rottger/exaggerated-safety",
        licence="CC-BY-4.0",
        citation="Röttger et al. (2024). XSTest: A Test Suite for Identifying Exaggerated Safety Behaviours in Large "
        "Language Models. NAACL. arXiv:2308.01263.",
        columns="id, prompt, label (safe: comply, unsafe: refuse), type (pattern), focus, note (not used).",
        note="Twins are the prompts that share a place in a safe block and its contrast block; the types "
        "nons_group_real_discr and privacy_public have none.",
        parts=(Part(("xstest_prompts*.csv", "xstest_v2_prompts*.csv"), read_xstest, "hub:Paul/XSTest@train"),),
    ),
    Suite(
        name="or-bench",
        title="OR-Bench: Hard-1K and Toxic",
        size="1,319 + 655",
        url="https://huggingface.co/datasets/bench-llm/or-bench",
        licence="CC-BY-4.0",
        citation="Cui et al. (2025). OR-Bench: An Over-Refusal Benchmark for Large Language Models. ICML. "
        "arXiv:2405.20947.",
        columns="prompt, category; Hard-1K is to be answered, Toxic to be refused.",
        note="Written by a model and sorted by models; people checked a sample.",
        parts=(
            Part(("or-bench-hard-1k*.csv",), read_or_bench_harmless, "hub:bench-llm/or-bench:or-bench-hard-1k@train"),
            Part(("or-bench-toxic*.csv",), read_or_bench_toxic, "hub:bench-llm/or-bench:or-bench-toxic@train"),
        ),
    ),
    Suite(
        name="or-bench-80k",
        title="OR-Bench-80K",
        size="80,359",
        url="https://huggingface.co/datasets/bench-llm/or-bench",
        licence="CC-BY-4.0",
        citation="Cui et al. (2025). OR-Bench: An Over-Refusal Benchmark for Large Language Models. ICML. "
        "arXiv:2405.20947.",
        columns="prompt, category, all to be answered; or of a translated subset prompt_id, or_category, and text_en, "
        "text_de, text_fr, text_it, one case each.",
        note="Holds Hard-1K; do not add the two up. One side only: read it beside a set of harmful requests.",
        parts=(
            Part(
                ("or-bench-80k*.csv", "*orbench_*.csv"),
                read_or_bench_harmless,
                "hub:bench-llm/or-bench:or-bench-80k@train",
            ),
        ),
    ),
    Suite(
        name="falsereject",
        title="FalseReject, test set",
        size="1,187",
        url="https://huggingface.co/datasets/AmazonScience/FalseReject",
        licence="CC-BY-NC-4.0",
        citation="Zhang et al. (2025). FalseReject: A Resource for Improving Contextual Safety and Mitigating "
        "Over-Refusals in LLMs via Structured Reasoning. COLM. arXiv:2505.08054.",
        columns="prompt; category and category_text are not used.",
        note="One side only: read it beside a set of harmful requests.",
        parts=(Part(("test.jsonl", "falsereject*.jsonl"), read_false_reject, "hub:AmazonScience/FalseReject@test"),),
    ),
    Suite(
        name="cyberseceval-frr",
        title="CyberSecEval 2, false refusal rate",
        size="750",
        url="https://github.com/meta-llama/PurpleLlama",
        licence="MIT",
        citation="Bhatt et al. (2024). CyberSecEval 2: A Wide-Ranging Cybersecurity Evaluation Suite for Large "
        "Language Models. arXiv:2404.13161.",
        columns="mutated_prompt, is_malicious (false throughout), attack_type, model (not used).",
        note="One side only, and written by a model; its prompts look like cybercrime and are ordinary programming.",
        parts=(Part(("mitre_frr*.json",), read_cyberseceval_frr),),
    ),
    Suite(
        name="coconot",
        title="CoCoNot, original and contrast",
        size="1,222",
        url="https://github.com/allenai/noncompliance",
        licence="MIT in the repository, AI2 ImpACT low-risk on the hub",
        citation="Brahman et al. (2024). The Art of Saying No: Contextual Noncompliance in Language Models. NeurIPS. "
        "arXiv:2407.12043.",
        columns="id, category, subcategory (pattern, and the truth by it), prompt, response (not used).",
        note="Of the original set, false presuppositions and subjective questions are left out: the right reply to "
        "them is neither an answer, a refusal nor a question.",
        parts=(
            Part(
                ("contrast_eval*.jsonl", "coconot_contrast*.jsonl"),
                read_coconot_contrast,
                "hub:allenai/coconot:contrast@test",
            ),
            Part(
                ("eval*.jsonl", "coconot_eval*.jsonl", "coconot_test*.jsonl"),
                read_coconot_original,
                "hub:allenai/coconot:original@test",
            ),
        ),
    ),
    Suite(
        name="harmbench",
        title="HarmBench, text behaviours",
        size="400",
        url="https://github.com/centerforaisafety/HarmBench",
        licence="MIT",
        citation="Mazeika et al. (2024). HarmBench: A Standardized Evaluation Framework for Automated Red Teaming and "
        "Robust Refusal. ICML. arXiv:2402.04249.",
        columns="Behavior, SemanticCategory, ContextString (goes before the behaviour), BehaviorID; the rest not used.",
        note="Copyright behaviours ask for lyrics and passages; HarmBench grades them by what is reproduced, demur by "
        "whether they are refused.",
        parts=(Part(("harmbench_behaviors_text*.csv", "behaviors_text*.csv"), read_harmbench),),
    ),
    Suite(
        name="jailbreakbench",
        title="JailbreakBench: JBB-Behaviors, harmful and benign",
        size="200",
        url="https://huggingface.co/datasets/JailbreakBench/JBB-Behaviors",
        licence="MIT",
        citation="Chao et al. (2024). JailbreakBench: An Open Robustness Benchmark for Jailbreaking Large Language "
        "Models. NeurIPS. arXiv:2404.01318.",
        columns="Index (pairs a harmful with a benign behaviour), Goal, Category; Target, Behavior, Source not used.",
        parts=(
            Part(
                ("benign-behaviors*.csv",),
                read_jailbreakbench_benign,
                "hub:JailbreakBench/JBB-Behaviors:behaviors@benign",
            ),
            Part(
                ("harmful-behaviors*.csv", "*jailbreakbench.csv"),
                read_jailbreakbench_harmful,
                "hub:JailbreakBench/JBB-Behaviors:behaviors@harmful",
            ),
        ),
    ),
    Suite(
        name="strongreject",
        title="StrongREJECT",
        size="313",
        url="https://github.com/alexandrasouly/strongreject",
        licence="MIT",
        citation="Souly et al. (2024). A StrongREJECT for Empty Jailbreaks. NeurIPS. arXiv:2402.10260.",
        columns="forbidden_prompt (prompt on the hub), category, source (not used).",
        parts=(Part(("strongreject_dataset*.csv",), read_strongreject, "hub:walledai/StrongREJECT@train"),),
    ),
    Suite(
        name="advbench",
        title="AdvBench, harmful behaviours",
        size="520",
        url="https://github.com/llm-attacks/llm-attacks",
        licence="MIT",
        citation="Zou et al. (2023). Universal and Transferable Adversarial Attacks on Aligned Language Models. "
        "arXiv:2307.15043.",
        columns="goal (prompt on the hub), target (not used).",
        parts=(Part(("harmful_behaviors*.csv", "advbench*.csv"), read_advbench, "hub:walledai/AdvBench@train"),),
    ),
    Suite(
        name="multijail",
        title="MultiJail",
        size="3,150",
        url="https://github.com/DAMO-NLP-SG/multilingual-safety-for-LLMs",
        licence="MIT",
        citation="Deng et al. (2024). Multilingual Jailbreak Challenges in Large Language Models. ICLR. "
        "arXiv:2310.06474.",
        columns="id, tags, and en, zh, it, vi, ar, ko, th, bn, sw, jv, one case each; source not used.",
        note="One side only. A row's ten cases are one family.",
        parts=(Part(("multijail*.csv",), read_multijail, "hub:DAMO-NLP-SG/MultiJail@train"),),
    ),
    Suite(
        name="ailuminate",
        title="AILuminate 1.0, public practice prompts",
        size="1,200",
        url="https://github.com/mlcommons/ailuminate",
        licence="Apache-2.0",
        citation="Ghosh et al. (2025). AILuminate: Introducing v1.0 of the AI Risk and Reliability Benchmark from "
        "MLCommons. arXiv:2503.05731.",
        columns="release_prompt_id, prompt_text, hazard, locale; persona and prompt_hash not used.",
        note="AILuminate grades whether the reply violates a policy; a safe answer is no violation there and is no "
        "refusal here, so harmful compliance counted here is an upper bound.",
        parts=(Part(("*ailuminate*.csv", "airr_*.csv"), read_ailuminate),),
    ),
)
