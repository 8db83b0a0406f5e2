"""The table and the buckets for photos, results and snapshots, all encrypted with one key."""

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import DeploymentConfig
from infra.nag import acknowledge
from infra.removal import removal_policy
from semblance.contract import schema


class Storage(Construct):
    """Creates each of its parts, or refers to the existing one that the deployment adopts."""

    def __init__(self, scope: Construct, id_: str, *, config: DeploymentConfig) -> None:
        super().__init__(scope, id_)
        self._config = config
        self._removal = removal_policy(config)
        self.key = self._key()
        self.table = self._table()
        # With versions the worker reads the bytes that an event announced, even if replaced since.
        self.input = self._bucket(
            "Input", config.input_bucket, versioned=True, days=config.input_retention_days
        )
        self.results = self._bucket(
            "Results", config.results_bucket, versioned=False, days=config.results_retention_days
        )
        # No versions: a snapshot that the compactor deletes must be gone.
        self.snapshots = self._bucket("Snapshots", config.snapshots_bucket, versioned=False, days=0)

    def _key(self) -> kms.IKey:
        if self._config.key_arn:
            return kms.Key.from_key_arn(self, "Key", self._config.key_arn)
        return kms.Key(
            self,
            "Key",
            description=f"Everything that {self._config.stack_name} stores",
            enable_key_rotation=True,
            removal_policy=self._removal,
        )

    def _table(self) -> dynamodb.ITable:
        """Without deletion protection, which would keep CloudFormation from taking back a failed
        first deployment: `infra/finishing.py` switches it on."""
        if self._config.table_name:
            return dynamodb.Table.from_table_name(self, "Table", self._config.table_name)
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text(schema.PARTITION_KEY),
            sort_key=_text(schema.SORT_KEY),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=schema.EXPIRES_AT,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=self._config.backup_days > 0,
                recovery_period_in_days=self._config.backup_days or None,
            ),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            removal_policy=self._removal,
        )
        if not self._config.backup_days:
            reason = "backup_days=0: erased data must be in no backup."
            acknowledge(table, {"DDB3": reason})
        return table

    def _bucket(self, id_: str, adopted: str, *, versioned: bool, days: int) -> s3.IBucket:
        if adopted:
            return s3.Bucket.from_bucket_name(self, id_, adopted)
        bucket = s3.Bucket(
            self,
            id_,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=versioned,
            lifecycle_rules=_lifecycle(versioned=versioned, days=days),
            removal_policy=self._removal,
        )
        acknowledge(
            bucket,
            {
                "S1": "The account's CloudTrail can log access to objects; server access logs need "
                "one more bucket, which would hold every photo's name."
            },
        )
        return bucket


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _lifecycle(*, versioned: bool, days: int) -> list[s3.LifecycleRule]:
    rules = [s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1))]
    if days:
        rules.append(s3.LifecycleRule(expiration=Duration.days(days)))
    if versioned:
        # Deleted and replaced photos are gone a day later: no hidden copy is kept.
        rules.append(s3.LifecycleRule(noncurrent_version_expiration=Duration.days(1)))
        rules.append(s3.LifecycleRule(expired_object_delete_marker=True))
    return rules
