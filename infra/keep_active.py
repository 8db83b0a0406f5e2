"""The EventBridge rule that calls idle functions every few days, so that Lambda keeps them active.

Lambda reclaims the optimised image of a function that "is not invoked for multiple weeks", rejects
the next call, and optimises the image anew before it takes another:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-images.html
"""

from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from semblance.contract.keep_active import EVENT

INTERVAL = Duration.days(3)
"""AWS gives no number of weeks. Several calls may fail before one is over."""


class KeepActive(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, functions: Iterable[lambda_.IFunction]
    ) -> None:
        super().__init__(scope, id_)
        rule = events.Rule(self, "Rule", schedule=events.Schedule.rate(INTERVAL))
        for function in functions:
            event = events.RuleTargetInput.from_object(EVENT)
            rule.add_target(targets.LambdaFunction(function, event=event))
