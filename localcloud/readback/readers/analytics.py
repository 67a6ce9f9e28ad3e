"""Glue, Athena, Firehose and EFS."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, only, renamed


def database(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a database of the catalog."""
    found = ask("glue", "get_database", Name=name)["Database"]
    return {"CatalogId": properties.get("CatalogId") and found.get("CatalogId"), "DatabaseInput": found}


def table(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a table of the catalog."""
    given = properties["TableInput"]["Name"] if "Name" in properties["TableInput"] else name.rpartition("|")[2]
    found = ask("glue", "get_table", DatabaseName=properties["DatabaseName"], Name=given)["Table"]
    return {**found, "TableInput": found}


def job(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a job of Glue."""
    del properties
    return dict(ask("glue", "get_job", JobName=name)["Job"])


def work_group(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a work group of Athena."""
    del properties
    found = ask("athena", "get_work_group", WorkGroup=name)["WorkGroup"]
    return {**found, "WorkGroupConfiguration": found.get("Configuration")}


def file_system(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a file system."""
    del properties
    found = ask("efs", "describe_file_systems", FileSystemId=name)["FileSystems"]
    described = only(found, FileSystemId=name)
    return {**described, "FileSystemTags": described.get("Tags")}


DESTINATIONS = ("ExtendedS3", "S3", "HttpEndpoint", "Iceberg")


def delivery_stream(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a delivery stream; its destination as the configuration that templates have."""
    del properties
    found = ask("firehose", "describe_delivery_stream", DeliveryStreamName=name)["DeliveryStreamDescription"]
    told = found["Destinations"][0] if found.get("Destinations") else {}
    source = found.get("Source", {}).get("KinesisStreamSourceDescription", {})
    tags = ask("firehose", "list_tags_for_delivery_stream", DeliveryStreamName=name).get("Tags")
    return {
        **found,
        **{f"{kind}DestinationConfiguration": told.get(f"{kind}DestinationDescription") for kind in DESTINATIONS},
        "DeliveryStreamEncryptionConfigurationInput": found.get("DeliveryStreamEncryptionConfiguration"),
        "KinesisStreamSourceConfiguration": renamed(source, KinesisStreamARN="KinesisStreamARN"),
        "Tags": tags,
    }


READERS: Mapping[str, Reader] = {
    "AWS::Glue::Database": database,
    "AWS::Glue::Table": table,
    "AWS::Glue::Job": job,
    "AWS::Athena::WorkGroup": work_group,
    "AWS::KinesisFirehose::DeliveryStream": delivery_stream,
    "AWS::EFS::FileSystem": file_system,
}
