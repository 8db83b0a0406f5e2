"""The machine of a figure: processor, memory, versions of packages, and its load."""

import importlib.metadata
import os
import platform
import time
from pathlib import Path

from bench.figures import Machine

PACKAGES = (
    "numpy", "simsimd", "onnxruntime", "pillow", "faiss-cpu", "usearch", "insightface",
    "opencv-python", "dlib-bin", "face-recognition-models", "boto3",
)  # fmt: skip
_TELLING_FLAGS = (
    "avx2", "fma", "avx512f", "avx512bw", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8",
    "asimd", "asimddp", "sve",
)  # fmt: skip


def describe() -> Machine:
    return {
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in _TELLING_FLAGS if flag in _flags()],
        "memory_gib": round(_memory_kib("MemTotal") / 2**20, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": dict(_versions()),
        "load_average": [round(each, 1) for each in os.getloadavg()],
    }


def free_gib() -> float:
    """Memory that a new process can have without swapping."""
    return _memory_kib("MemAvailable") / 2**20


def resident_bytes(peak: bool = False) -> int:
    """Memory of this process: its own and the pages of files that it has mapped."""
    name = "VmHWM" if peak else "VmRSS"
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def _memory_kib(name: str) -> int:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def _processor() -> str:
    return _of_cpuinfo("model name") or platform.processor() or platform.machine()


def _flags() -> list[str]:
    return (_of_cpuinfo("flags") or _of_cpuinfo("Features") or "").split()


def _of_cpuinfo(name: str) -> str | None:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)


def _versions() -> list[tuple[str, str]]:
    found = []
    for name in PACKAGES:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            found.append((name, "not installed"))
    return found
