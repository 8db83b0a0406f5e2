"""tools/preflight.sh on machines that have this and lack that."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.checkout import CHECKOUT

PREFLIGHT = CHECKOUT / "tools" / "preflight.sh"
NODE_NOTE = "gets no security fixes any more"


class Machine:
    """Its PATH holds the programs that preflight.sh itself uses, and those that are installed."""

    def __init__(self, directory):
        self.bin = directory
        for name in ("sh", "sed", "grep", "basename"):
            (self.bin / name).symlink_to(shutil.which(name))
        (self.bin / "python3").symlink_to(sys.executable)
        self.install("npm", "10.9.0")

    def install(self, program, version):
        file = self.bin / program
        file.write_text(f"#!/bin/sh\necho '{version}'\n")
        file.chmod(0o755)
        return file

    def run(self, *arguments, **environment):
        return subprocess.run(
            ["/bin/sh", PREFLIGHT, *arguments],
            env={"PATH": str(self.bin), "MAKELEVEL": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("version", "passes", "is_noted"),
    [("v24.1.0", True, False), ("v22.0.0", True, False), ("v20.19.5", True, True),
     ("v18.20.8", False, False)],
)  # fmt: skip
def test_node_22_is_asked_for_and_20_is_taken_with_a_note(machine, version, passes, is_noted):
    machine.install("node", version)
    done = machine.run()
    assert done.returncode == (0 if passes else 1)
    assert (NODE_NOTE in done.stderr) is is_noted
    assert ("Node.js 22 or newer; 20 still works" in done.stderr) is not passes


def test_a_machine_without_node_is_told_how_to_get_it(machine):
    done = machine.run()
    assert done.returncode == 1
    assert "Node.js 22 or newer; 20 still works (found: none)" in done.stderr


@pytest.mark.skipif(Path("/Applications").exists(), reason="a Mac's browsers are not on its PATH")
def test_a_machine_without_a_browser_is_told_so_when_it_tests(machine):
    done = machine.run("browser")
    assert done.returncode == 1
    assert "Chromium or Google Chrome" in done.stderr
    assert machine.run("--browser").stdout == ""


@pytest.mark.parametrize("program", ["chromium", "google-chrome"])
def test_an_installed_browser_is_found(machine, program):
    browser = machine.install(program, "156")
    assert machine.run("browser").returncode == 0
    assert machine.run("--browser").stdout == f"{browser}\n"


def test_another_browser_is_taken_if_it_is_named(machine):
    machine.install("chromium", "156")
    named = str(machine.install("my chrome", "157"))
    assert machine.run("--browser", CHROMIUM=named).stdout == f"{named}\n"
