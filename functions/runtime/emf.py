"""Metrics in CloudWatch's embedded metric format: lines on standard output, no call to AWS."""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics
from aws_lambda_powertools.metrics.provider import cold_start
from aws_lambda_powertools.utilities.typing import LambdaContext

from semblance.contract.metrics import NAMESPACE, Metric


def emit(values: Mapping[Metric, float], value_of_dimension: str | None = None) -> None:
    """Writes one line. All of its metrics must have the same dimension, or none, besides the
    service."""
    line = EphemeralMetrics(namespace=NAMESPACE)
    (dimension,) = {metric.dimension for metric in values}
    if dimension is not None:
        line.add_dimension(dimension, value_of_dimension or "")
    for metric, value in values.items():
        line.add_metric(metric.name, metric.unit, value)
    line.flush_metrics()


def emit_cold_start(context: LambdaContext) -> bool:
    """True for the first call that the process serves."""
    if not cold_start.is_cold_start:
        return False
    cold_start.is_cold_start = False
    EphemeralMetrics(namespace=NAMESPACE).add_cold_start_metric(context)
    return True
