"""What Lambda gives a function, which goes by its memory, and what is for collections."""

import os

_MIB_A_VCPU = 1_769
_KEPT_FREE_MIB = 768
"""Of the function's memory, for Python, the models and a picture at work; collections get the
rest, and a quarter at the least."""


def threads() -> int:
    """As many as the function has vCPUs."""
    return max(1, _all_mib() // _MIB_A_VCPU)


def for_collections() -> int:
    """Bytes. The same in all functions of a size, so that a compactor as large as the API holds
    what that does."""
    return max(_all_mib() - _KEPT_FREE_MIB, _all_mib() // 4) * 2**20


def _all_mib() -> int:
    """Lambda says it; elsewhere what a function of the default size has."""
    return int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3008"))
