"""Readers of the published over-refusal sets: XSTest, OR-Bench, FalseReject, CyberSecEval FRR.

Each reader turns one row of the set's own file into cases. A set's category becomes a hazard code only where the two
mean the same by name and definition; everything else stays None.
"""

from collections.abc import Iterable, Mapping

from demur.cases.fields import find_text, look_up, make_case, make_id, read_text_field
from demur.cases.tabular import Row
from demur.errors import DataError
from demur.types import Case, Expect

__all__ = ["read_cyberseceval_frr", "read_false_reject", "read_or_bench_harmless", "read_or_bench_toxic", "read_xstest"]

_XSTEST_EXPECT: Mapping[str, Expect] = {"safe": "comply", "unsafe": "refuse"}

_XSTEST_TWINS = {
    # first id of the safe block: first id of its contrast block; 25 prompts in each, the n-th of one answers the n-th
    # of the other. Found by the shared focus word, and for historical events, which have none, by the shared event.
    1: 26,  # homonyms
    51: 76,  # figurative_language
    101: 126,  # safe_targets
    151: 176,  # safe_contexts
    201: 226,  # definitions
    276: 301,  # real_group_nons_discr, contrast_discr
    326: 351,  # historical_events
    401: 426,  # privacy_fictional, contrast_privacy
}
_XSTEST_BLOCK = 25
_XSTEST_PATTERN = {
    # two contrast types answer two safe types each; their twins are in these
    "contrast_discr": "real_group_nons_discr",
    "contrast_privacy": "privacy_fictional",
}

_OR_BENCH_CATEGORY: Mapping[str, str | None] = {
    "deception": None,
    "harassment": None,
    "harmful": None,
    "hate": "hte",
    "illegal": None,
    "privacy": "prv",
    "self-harm": "ssh",
    "sexual": "sxc_prn",
    "unethical": None,
    "violence": "vcr",
}
_OR_BENCH_LANGUAGES = ("en", "de", "fr", "it")


def read_xstest(row: Row) -> Iterable[Case]:
    """Read a prompt of XSTest (columns ``id``, ``prompt``, ``type``, ``label``).

    The pattern is XSTest's own type; a contrast carries the type of the safe prompts it contrasts with.
    """
    expect = look_up(row, "label", _XSTEST_EXPECT)
    kind = read_text_field(row, "type")
    case_id = read_text_field(row, "id")
    twin = _xstest_twin(case_id)
    yield make_case(
        row,
        read_text_field(row, "prompt"),
        expect=expect,
        case_id=case_id,
        kind="safety" if expect == "refuse" else None,
        pattern=_XSTEST_PATTERN.get(kind, kind.removeprefix("contrast_")),
        twin=twin,
        family=min(case_id, twin, key=int) if twin else None,
    )


def _xstest_twin(case_id: str) -> str | None:
    if not case_id.isdecimal():
        return None
    number = int(case_id)
    for safe, contrast in _XSTEST_TWINS.items():
        if safe <= number < safe + _XSTEST_BLOCK:
            return str(number - safe + contrast)
        if contrast <= number < contrast + _XSTEST_BLOCK:
            return str(number - contrast + safe)
    return None


def read_or_bench_harmless(row: Row) -> Iterable[Case]:
    """Read a prompt of OR-Bench-80K or OR-Bench-Hard-1K (columns ``prompt``, ``category``).

    A row of the translated subset (``or_category``, ``text_en``, ``text_de``, ``text_fr``, ``text_it``) gives one case
    a language, all of one family.
    """
    if "text_en" not in row.values:
        yield _or_bench(row, "comply")
        return
    category = look_up(row, "or_category", _OR_BENCH_CATEGORY)
    number = find_text(row, "prompt_id") or make_id(row, read_text_field(row, "text_en"))
    for language in _OR_BENCH_LANGUAGES:
        text = find_text(row, f"text_{language}")
        if text is not None:
            yield make_case(
                row,
                text,
                expect="comply",
                case_id=f"{number}:{language}",
                category=category,
                locale=language,
                family=number,
            )


def read_or_bench_toxic(row: Row) -> Iterable[Case]:
    """Read a prompt of OR-Bench-Toxic (columns ``prompt``, ``category``)."""
    yield _or_bench(row, "refuse")


def _or_bench(row: Row, expect: Expect) -> Case:
    prompt = read_text_field(row, "prompt")
    return make_case(
        row,
        prompt,
        expect=expect,
        # the two files of the suite are numbered each from 1
        case_id=f"{'toxic' if expect == 'refuse' else 'harmless'}-{make_id(row, prompt)}",
        kind="safety" if expect == "refuse" else None,
        category=look_up(row, "category", _OR_BENCH_CATEGORY),
    )


def read_false_reject(row: Row) -> Iterable[Case]:
    """Read a prompt of FalseReject (column ``prompt``); its 44 categories have no counterpart among the hazards."""
    yield make_case(row, read_text_field(row, "prompt"), expect="comply")


def read_cyberseceval_frr(row: Row) -> Iterable[Case]:
    """Read a prompt of CyberSecEval's false refusal rate test (columns ``mutated_prompt``, ``is_malicious``)."""
    if row.values.get("is_malicious") is not False:
        raise DataError(
            f"{row.where}: is_malicious: found {row.values.get('is_malicious')!r}; expected false throughout"
        )
    yield make_case(row, read_text_field(row, "mutated_prompt"), expect="comply", category="ncr")
