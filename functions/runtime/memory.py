"""The function's memory: how many vCPUs Lambda gives for it, and how much is for collections."""

import os

_MIB_A_VCPU = 1_769
_KEPT_FREE_MIB = 768
"""For Python, the models and one picture. Collections get the rest of the function's memory, and a
quarter of it at the least."""


def threads() -> int:
    """As many as the function has vCPUs."""
    return max(1, _all_mib() // _MIB_A_VCPU)


def for_collections(models_mib: int = 0) -> int:
    """Bytes. `models_mib`: memory of the pack's models beyond that of the built-in packs. Without
    it the same in all functions of one size, so that a compactor as large as the API function can
    hold the same collections."""
    return max(_all_mib() - _KEPT_FREE_MIB - models_mib, _all_mib() // 4) * 2**20


def _all_mib() -> int:
    """The function's memory as Lambda states it; outside Lambda, that of the default size."""
    return int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3008"))
