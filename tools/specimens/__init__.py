"""One specimen of each operation; this package finds its modules by itself."""

import pkgutil
from importlib import import_module

from semblance.operations.table import OPERATIONS
from tools.specimens.specimen import Specimen


def _found() -> dict[str, Specimen]:
    modules = [import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    found = {
        each.SPECIMEN.operation: each.SPECIMEN for each in modules if hasattr(each, "SPECIMEN")
    }
    return {name: found.pop(name) for name in OPERATIONS if name in found} | found


SPECIMENS: dict[str, Specimen] = _found()
"""By operation, in the order of the table of operations. A test compares the two."""
