"""One ONNX model, loaded: arrays in, arrays out. The only module that knows onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semblance.vision.packs.specs import ModelFile, NetSpec, PackError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ERRORS_ONLY = 3

Floats = NDArray[np.float32]


class Network:
    def __init__(self, spec: NetSpec, *, threads: int) -> None:
        """Raises PackError for a file that is missing, changed, or no network."""
        self._spec = spec
        self._session = _open_session(spec.file, threads)
        self._input = self._session.get_inputs()[0].name

    @property
    def input_shapes(self) -> list[list[int | str | None]]:
        """Of all inputs but those that have a value already. A dimension that may vary is a name,
        or None."""
        return [list(each.shape) for each in self._session.get_inputs()]

    @property
    def output_shape(self) -> list[int | str]:
        """Shape of the first output. A dimension that may vary is a name."""
        return list(self._session.get_outputs()[0].shape)

    def run(self, pixels: NDArray[np.generic]) -> list[Floats]:
        """The outputs for one picture: (height, width) gray or (height, width, 3) RGB, values 0 to
        255. Normalisation and channel order are the network's own (see NetSpec)."""
        assert pixels.ndim in (2, 3), pixels.shape
        planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        if self._spec.channels == "BGR":
            planes = planes[::-1]
        batch = np.ascontiguousarray(planes[None], dtype=np.float32)
        batch -= np.float32(self._spec.mean)
        batch /= np.float32(self._spec.scale)
        return list(self._session.run(None, {self._input: batch}))


def _open_session(file: ModelFile, threads: int) -> InferenceSession:
    import onnxruntime  # takes 100 ms: imported only when a model runs
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait burn the CPU time that Lambda bills.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Input sizes differ from picture to picture: a memory plan of the last one is of no use.
    options.enable_mem_pattern = False
    options.log_severity_level = ERRORS_ONLY
    model, providers = file.read(), ["CPUExecutionProvider"]
    try:
        return onnxruntime.InferenceSession(model, options, providers=providers)
    except (
        errors.Fail, errors.InvalidArgument, errors.InvalidGraph, errors.InvalidProtobuf,
        errors.NotImplemented, errors.RuntimeException,
    ) as error:  # fmt: skip
        raise PackError(f"{file.path} is no network that runs here: {error}") from error
