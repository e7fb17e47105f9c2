"""Rates with intervals, paired tests, agreement, and the correction for a judge's errors; numbers in, `Estimate` out."""

from demur.stats.agreement import (
    Confusion,
    clustered_kappa,
    cohen_kappa,
    raw_agreement,
    sensitivity,
    specificity,
    tabulate,
)
from demur.stats.contingency import fisher_exact
from demur.stats.contrast import Term, contrast, newcombe, shared_correlation
from demur.stats.difference import Discordant, discordant, holm, mcnemar, paired_bootstrap
from demur.stats.misclassification import correct_rate
from demur.stats.proportion import clopper_pearson, clustered_proportion, wilson
from demur.stats.tf_idf import Row, TfIdf
from demur.stats.weighted import weighted_proportion

__all__ = [
    "Confusion",
    "Discordant",
    "Row",
    "Term",
    "TfIdf",
    "clopper_pearson",
    "clustered_kappa",
    "clustered_proportion",
    "cohen_kappa",
    "contrast",
    "correct_rate",
    "discordant",
    "fisher_exact",
    "holm",
    "mcnemar",
    "newcombe",
    "paired_bootstrap",
    "raw_agreement",
    "sensitivity",
    "shared_correlation",
    "specificity",
    "tabulate",
    "weighted_proportion",
    "wilson",
]
