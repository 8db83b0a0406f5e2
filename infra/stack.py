"""SemblanceStack: puts the parts together and makes all grants; no other module makes any."""

from typing import cast

from aws_cdk import Aws, CfnOutput, Stack, Tags
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra import deployed, on_behalf, packs
from infra.alarms import Alarms
from infra.audit import Audit
from infra.config import DeploymentConfig
from infra.dashboard import Dashboard
from infra.finishing import Finishing
from infra.functions import Functions, service_name
from infra.gateway.choice import gateway
from infra.keep_active import KeepActive
from infra.nag import acknowledge
from infra.photo_queue import PhotoQueue
from infra.schedule import Schedule
from infra.storage import Storage
from infra.watched import Watched
from semblance.contract import layout
from semblance.contract.schema import ACCESS_KEY_PREFIX, SEALED_FOR
from semblance.contract.settings import Settings

# For transactions DynamoDB checks the actions that they are made of.
_TABLE_ACTIONS = [
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
]
_PROTECTING_ACTIONS = ["dynamodb:DescribeTable", "dynamodb:UpdateTable"]
_ADOPTING_ACTIONS = [
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTimeToLive",
]
_COMPACTOR_TABLE_ACTIONS = [*_TABLE_ACTIONS, "dynamodb:BatchWriteItem"]


STACK_TAG = "semblance:stack"
"""For costs by stack, in the billing console."""


class SemblanceStack(Stack):
    """For any account and region: both come from the credentials that deploy it."""

    def __init__(
        self, scope: Construct, id_: str, *, config: DeploymentConfig, record: str = "{}"
    ) -> None:
        """`record`: of the choices, for the next deployment to compare with."""
        super().__init__(
            scope, id_, description="Semblance: face collections after Amazon Rekognition's API"
        )
        self._config = config
        for key, value in {STACK_TAG: config.stack_name, **config.own_tags}.items():
            Tags.of(self).add(key, value)
        self._storage = Storage(self, "Storage", config=config)
        self._audit = Audit(self, "Audit", config=config, key=self._storage.key)
        self._bus = events.EventBus.from_event_bus_name(self, "Bus", config.event_bus)
        self._gateway = gateway(self, "Api", config=config)
        self._functions = Functions(self, "Functions", config=config, settings=self._settings())
        self._gateway.answer_with(self._functions.api)
        self._photos = PhotoQueue(
            self,
            "Images",
            config=config,
            bucket=self._storage.input,
            worker=self._functions.worker,
        )
        Schedule(self, "Schedule", config=config, compactor=self._functions.compactor)
        # The schedule above keeps the compactor active.
        seldom = [self._functions.api, self._functions.worker, self._functions.finishing]
        KeepActive(self, "KeepActive", functions=seldom)
        watched = self._watched()
        Alarms(self, "Alarms", watched=watched)
        Dashboard(self, "Dashboard", watched=watched)
        self._grant_key_and_logs()
        self._grant_searching()
        self._grant_audit_trail()
        self._grant_to_api()
        self._grant_to_worker()
        self._grant_to_compactor()
        self._grant_to_finishing()
        # Last, since it is created after everything above.
        Finishing(
            self,
            "Finishing",
            config=config,
            function=self._functions.finishing,
            storage=self._storage,
            queue=self._photos.queue,
        )
        self._print_outputs(record)

    def _settings(self) -> Settings:
        input_bucket = self._storage.input.bucket_name
        return Settings(
            partition=Aws.PARTITION,
            region=Aws.REGION,
            account_id=Aws.ACCOUNT_ID,
            auth=self._config.auth,
            table_name=self._storage.table.table_name,
            input_bucket=input_bucket,
            results_bucket=self._storage.results.bucket_name,
            snapshots_bucket=self._storage.snapshots.bucket_name,
            image_buckets=",".join([input_bucket, *self._config.image_buckets]),
            event_bus=self._config.event_bus,
            audit_log_group=self._audit.group.log_group_name,
            model_pack=self._config.pack_in_function,
            models_dir=self._config.models_dir,
            key_arn=self._storage.key.key_arn,
            signing_paths=",".join(self._signing_paths()),
            cors_origins=",".join(self._config.cors_origins),
        )

    def _signing_paths(self) -> list[str]:
        if self._config.auth != "keys":
            return []
        paths = [f"{self._gateway.path}/", *self._config.signing_paths]
        if self._config.packaging == "source":
            paths.append(f"{self._gateway.local_path}/")
        return paths

    def _watched(self) -> Watched:
        return Watched(
            config=self._config,
            gateway=self._gateway,
            functions={
                "Api": self._functions.api,
                "Worker": self._functions.worker,
                "Compactor": self._functions.compactor,
            },
            photos=self._photos,
            table=self._storage.table,
        )

    def _grant_key_and_logs(self) -> None:
        # Functions may use the key only through the table, the logs and the buckets.
        services = [f"{name}.{Aws.REGION}.{Aws.URL_SUFFIX}" for name in ("dynamodb", "logs", "s3")]
        for function in self._functions.all:
            function.log_group.grant_write(function)
        for function in self._functions.serving:
            function.add_to_role_policy(
                iam.PolicyStatement(
                    actions=list(on_behalf.KEY),
                    resources=[self._storage.key.key_arn],
                    conditions={"StringEquals": {"kms:ViaService": services}},
                )
            )

    def _grant_searching(self) -> None:
        """Includes listing snapshots, since a function loads the newest one."""
        for function in (self._functions.api, self._functions.worker):
            self._storage.table.grant(function, *_TABLE_ACTIONS)
            self._allow_on_bucket(function, ["s3:ListBucket"], self._storage.snapshots)
            self._allow_objects(
                function,
                ["s3:GetObject"],
                self._storage.snapshots,
                f"{layout.prefix(layout.SNAPSHOTS)}*",
                reason="A snapshot is named after its collection and its time.",
            )

    def _grant_audit_trail(self) -> None:
        """Writing alone: a function can neither read, change nor delete a line."""
        for name, function in self._watched().searching.items():
            stream = self._audit.stream(service_name(self._config, name))
            function.add_to_role_policy(
                iam.PolicyStatement(actions=["logs:PutLogEvents"], resources=stream)
            )

    def _grant_to_api(self) -> None:
        """No ListBucket: without it S3 answers the same for missing and for forbidden keys."""
        listed = [
            s3.Bucket.from_bucket_name(self, f"Listed-{name}", name)
            for name in self._config.image_buckets
        ]
        for bucket in (self._storage.input, *listed):
            self._allow_objects(
                self._functions.api,
                ["s3:GetObject", "s3:GetObjectVersion"],
                bucket,
                "*",
                reason="An S3Object may name any key of a bucket that the owner has listed.",
            )

        if self._config.image_keys:
            self._functions.api.add_to_role_policy(self._may_open_images())
        if self._config.auth == "keys":
            self._functions.api.add_to_role_policy(self._may_open_secrets())

    def _may_open_images(self) -> iam.PolicyStatement:
        """S3 decrypts an object on behalf of the caller that reads it:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"""
        return iam.PolicyStatement(
            actions=["kms:Decrypt"],
            resources=list(self._config.image_keys),
            conditions={"StringEquals": {"kms:ViaService": f"s3.{Aws.REGION}.{Aws.URL_SUFFIX}"}},
        )

    def _may_open_secrets(self) -> iam.PolicyStatement:
        """Decrypts secrets of access keys, and nothing else under the KMS key: the encryption
        contexts of DynamoDB and S3 have other members. `IfExists`, since the local cloud, where
        tests prove the grants, has no encryption contexts; all data here is encrypted with one."""
        return iam.PolicyStatement(
            actions=["kms:Decrypt"],
            resources=[self._storage.key.key_arn],
            conditions={
                "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": [SEALED_FOR]},
                "StringLikeIfExists": {
                    f"kms:EncryptionContext:{SEALED_FOR}": f"{ACCESS_KEY_PREFIX}*"
                },
            },
        )

    def _grant_to_worker(self) -> None:
        """No ListBucket: a photo that cannot be read is a fault for any reason."""
        worker, photos = self._functions.worker, self._storage.input
        self._photos.queue.grant(worker, *on_behalf.QUEUE)
        self._bus.grant_put_events_to(worker)
        for task in layout.TASKS:
            self._allow_objects(
                worker,
                # GetObject is for notices without a version, which an operator may have queued.
                ["s3:GetObject", "s3:GetObjectVersion"],
                photos,
                f"{layout.prefix(task)}*",
                reason="Photos have names of any kind.",
            )
        self._allow_objects(
            worker,
            # GetObject, since a conditional write compares the result with the one in place.
            ["s3:GetObject", "s3:PutObject"],
            self._storage.results,
            f"{layout.prefix(layout.RESULTS)}*",
            reason="A result is named after its photo.",
        )

    def _grant_to_compactor(self) -> None:
        """Includes listing multipart uploads: unfinished ones hold vectors until aborted."""
        compactor, snapshots = self._functions.compactor, self._storage.snapshots
        self._storage.table.grant(compactor, *_COMPACTOR_TABLE_ACTIONS)
        listing = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
        self._allow_on_bucket(compactor, listing, snapshots)
        self._allow_objects(
            compactor,
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            snapshots,
            f"{layout.prefix(layout.SNAPSHOTS)}*",
            reason="A snapshot is named after its collection and its time.",
        )

    def _grant_to_finishing(self) -> None:
        """On the table alone; the right to change the notifications of a bucket only where it is
        adopted. None of them reads or writes an item or an object."""
        function, storage = self._functions.finishing, self._storage
        storage.table.grant(function, *_PROTECTING_ACTIONS)
        if self._config.table_name:
            storage.table.grant(function, *_ADOPTING_ACTIONS)
        if self._config.input_bucket:
            actions = ["s3:GetBucketNotification", "s3:PutBucketNotification"]
            self._allow_on_bucket(function, actions, storage.input)

    def _allow_on_bucket(
        self, function: lambda_.Function, actions: list[str], bucket: s3.IBucket
    ) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(actions=actions, resources=[bucket.bucket_arn])
        )

    def _allow_objects(
        self,
        function: lambda_.Function,
        actions: list[str],
        bucket: s3.IBucket,
        keys: str,
        *,
        reason: str,
    ) -> None:
        arn = bucket.arn_for_objects(keys)
        function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[arn]))
        acknowledge(
            cast(iam.Role, function.role),
            {f"IAM5[Resource::{self._as_nag_writes(bucket)}/{keys}]": reason},
        )

    def _as_nag_writes(self, bucket: s3.IBucket) -> str:
        template = bucket.node.default_child
        if template is None:
            return f"arn:<AWS::Partition>:s3:::{bucket.bucket_name}"
        return f"<{self.get_logical_id(cast(s3.CfnBucket, template))}.Arn>"

    def _print_outputs(self, record: str) -> None:
        outputs = {
            "ApiUrl": self._gateway.url,
            "ApiId": self._gateway.api_id,
            "ApiKind": self._gateway.kind,
            "Auth": self._config.auth,
            "TableName": self._storage.table.table_name,
            "InputBucket": self._storage.input.bucket_name,
            "ResultsBucket": self._storage.results.bucket_name,
            "SnapshotsBucket": self._storage.snapshots.bucket_name,
            "KeyArn": self._storage.key.key_arn,
            "QueueUrl": self._photos.queue.queue_url,
            "DeadLetterQueueUrl": self._photos.dead_letters.queue_url,
            "ApiFunction": self._functions.api.function_name,
            "WorkerFunction": self._functions.worker.function_name,
            "AuditLogGroup": self._audit.group.log_group_name,
            "CompactorFunction": self._functions.compactor.function_name,
            deployed.OUTPUT: record,
            "FinishingFunction": self._functions.finishing.function_name,
            "ModelPack": self._config.model_pack,
            "ModelLicence": packs.licence(self._config.model_pack),
        }
        if self._gateway.domain_target is not None:
            outputs["DomainTarget"] = self._gateway.domain_target
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
