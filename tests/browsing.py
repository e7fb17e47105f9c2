"""What the tests of pages share: a real browser."""

import shutil

import pytest


@pytest.fixture(scope="module")
def browser():
    """A Chromium for all tests of a module, which speaks to nobody by itself."""
    from playwright.sync_api import sync_playwright

    quiet = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
    with sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]
        )
        yield chromium
        chromium.close()
