"""Rules of what buckets keep, copy and let go: evidence stays, and copies are made."""

import re
from collections.abc import Iterator
from typing import Final

from ml_rules.data.state import YEAR
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, number

Found = Iterator[tuple[Resource, str]]

_LASTING: Final = re.compile(r"model|evidence|audit|artifact|curated|release|archive|lineage|approv", re.IGNORECASE)
"""Folders of what a year later must still be there."""


@rule
def lock_keeps(templates: Templates) -> Found:
    """A bucket with Object Lock locks what is written: without a default retention it locks what a writer asks for."""
    for bucket in templates.of("AWS::S3::Bucket"):
        locked = is_true(bucket.get("ObjectLockEnabled")) or bucket.get("ObjectLockConfiguration")
        retention = bucket.get("ObjectLockConfiguration.Rule.DefaultRetention", {})
        if locked and not (retention.get("Days") or retention.get("Years")):
            yield bucket, "It locks nothing by itself: its Object Lock has no default retention."


@rule
def copies_made(templates: Templates) -> Found:
    """What a bucket with a key replicates is all of it: S3 leaves out encrypted objects unless it is told."""
    for bucket in templates.of("AWS::S3::Bucket"):
        keyed = "aws:kms" in str(bucket.get("BucketEncryption"))
        for item in as_list(bucket.get("ReplicationConfiguration.Rules")) if keyed else ():
            if get(item, "SourceSelectionCriteria.SseKmsEncryptedObjects.Status") != "Enabled":
                yield bucket, "Nothing is copied: SseKmsEncryptedObjects is not Enabled, and all of it is encrypted."


@rule
def logs_elsewhere(templates: Templates) -> Found:
    """A bucket's access log goes to another bucket: without a name S3 writes it into the bucket itself."""
    for bucket in templates.of("AWS::S3::Bucket"):
        logging = bucket.get("LoggingConfiguration")
        if logging is not None and not get(logging, "DestinationBucketName"):
            yield bucket, "It logs into itself, and so without end: DestinationBucketName is not set."


@rule
def evidence_stays(templates: Templates) -> Found:
    """Models, and how they came about, are kept for a year or more where the environment is to last."""
    for bucket in templates.of("AWS::S3::Bucket"):
        for item in as_list(bucket.get("LifecycleConfiguration.Rules")):
            prefix, days = str(item.get("Prefix", get(item, "Filter.Prefix", ""))), number(item.get("ExpirationInDays"))
            soon = days is not None and days < YEAR and item.get("Status") == "Enabled"
            if soon and bucket.environment.lasting and _LASTING.search(prefix):
                yield bucket, f"What is in {prefix} is deleted after {days:g} days."


RULES: Final = (lock_keeps, copies_made, logs_elsewhere, evidence_stays)
