"""`python -m tools.demo`."""

import sys

from tools.demo.demo import main
from tools.terminal import unwind_on_signals

unwind_on_signals()
sys.exit(main())
