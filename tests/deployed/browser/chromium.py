"""The Chromium or Chrome that is installed on this machine, without a window."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tools.checkout import CHECKOUT


@contextmanager
def chromium() -> Iterator[Browser]:
    found = subprocess.run(
        ["sh", CHECKOUT / "tools" / "preflight.sh", "--browser"],
        capture_output=True,
        text=True,
        check=True,
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.stdout.strip())
        try:
            yield browser
        finally:
            browser.close()
