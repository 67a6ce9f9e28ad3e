"""Glue, Athena and EFS."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, only


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


READERS: Mapping[str, Reader] = {
    "AWS::Glue::Database": database,
    "AWS::Glue::Table": table,
    "AWS::Glue::Job": job,
    "AWS::Athena::WorkGroup": work_group,
    "AWS::EFS::FileSystem": file_system,
}
