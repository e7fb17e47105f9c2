"""The report of a check-up: one HTML file that holds everything, asks the network for nothing and runs nothing it was told."""

from demur.report.page import render_report

__all__ = ["render_report"]
