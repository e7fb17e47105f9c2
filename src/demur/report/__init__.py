"""What was found as one HTML file that holds everything, asks the network for nothing and runs nothing it was told."""

from demur.report.catalog import render_catalogue
from demur.report.comparison import render_comparison
from demur.report.page import render_report
from demur.report.validation import render_validation

__all__ = ["render_catalogue", "render_comparison", "render_report", "render_validation"]
