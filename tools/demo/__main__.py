"""`python -m tools.demo`."""

import sys

from semblance_cli.signals import unwind_on_signals
from tools.demo.demo import main

unwind_on_signals()
sys.exit(main())
