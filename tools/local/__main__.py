"""`python -m tools.local`."""

import sys

from semblance_cli.signals import unwind_on_signals
from tools.local.command import main

unwind_on_signals()
sys.exit(main())
