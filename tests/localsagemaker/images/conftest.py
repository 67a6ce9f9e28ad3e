"""Say at the end of the run what images were built and run with."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "image" and report.when == "call":
                terminalreporter.write_line(f"images were built and run: {value}")
