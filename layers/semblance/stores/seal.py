"""Secrets encrypted with the deployment's KMS key, each bound to its access key id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semblance.contract.schema import SEALED_FOR

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient


class Seal:
    def __init__(self, kms: KMSClient, key_arn: str) -> None:
        self._kms = kms
        self._key_arn = key_arn

    def close(self, access_key_id: str, secret: str) -> bytes:
        reply = self._kms.encrypt(
            KeyId=self._key_arn,
            Plaintext=secret.encode(),
            EncryptionContext={SEALED_FOR: access_key_id},
        )
        return reply["CiphertextBlob"]

    def open(self, access_key_id: str, sealed: bytes) -> str | None:
        """None when it was sealed for another key id, or is no ciphertext at all."""
        try:
            reply = self._kms.decrypt(
                KeyId=self._key_arn,
                CiphertextBlob=sealed,
                EncryptionContext={SEALED_FOR: access_key_id},
            )
        except self._kms.exceptions.InvalidCiphertextException:
            return None
        return reply["Plaintext"].decode()
