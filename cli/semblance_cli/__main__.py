"""`python -m semblance_cli` is `semblance`."""

from semblance_cli.main import run

run()
