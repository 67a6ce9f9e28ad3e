"""Databases and tables of MiniStack's Glue data catalog. Call these within `services.scope`."""

from collections.abc import Mapping

from ministack.services import glue

from localsagemaker.kernel.host import Table

PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


def create_table(table: Table) -> None:
    """Make a table of Parquet files, and its database where there is none."""
    if table.database not in glue._databases:
        glue._create_database({"DatabaseInput": {"Name": table.database}})
    storage = {"Columns": _columns(table.columns), "Location": table.location, **PARQUET}
    partitions = _columns(dict.fromkeys(table.partitions, "string"))
    described = {"Name": table.name, "StorageDescriptor": storage, "PartitionKeys": partitions}
    glue._create_table({"DatabaseName": table.database, "TableInput": described})


def _columns(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in types.items()]
