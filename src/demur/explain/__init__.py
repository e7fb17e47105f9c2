"""Where a refusal comes from, by asking alone: words, sentences of the system prompt, context, and who refused."""

from demur.explain.case_study import FEWEST_CALLS, CaseStudy, study_case
from demur.explain.explanation import Explanation
from demur.explain.inquiry import Ask, Inquiry
from demur.explain.run_study import RunStudy, study_run

__all__ = ["FEWEST_CALLS", "Ask", "CaseStudy", "Explanation", "Inquiry", "RunStudy", "study_case", "study_run"]
