"""`python -m tools.local`."""

import sys

from tools.local.command import main
from tools.terminal import unwind_on_signals

unwind_on_signals()
sys.exit(main())
