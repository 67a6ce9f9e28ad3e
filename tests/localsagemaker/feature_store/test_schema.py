"""Schemas: what no group can have."""

import pytest

from localsagemaker.feature_store.schema import Definition, Schema, SchemaError


@pytest.mark.parametrize("name", ["is_deleted", "Write_Time", "api_invocation_time", "_a", "a-", "a b", "", "a" * 65])
def test_names_that_no_feature_can_have(name: str) -> None:
    with pytest.raises(SchemaError, match="cannot name a feature"):
        Definition(name, "String")


def test_schemas_that_no_group_can_have() -> None:
    one = Definition("id", "Integral")
    with pytest.raises(SchemaError, match="id is there twice"):
        Schema("id", "at", (one, Definition("ID", "String"), Definition("at", "String")))
    with pytest.raises(SchemaError, match="must be Fractional or String, not Integral"):
        Schema("id", "at", (one, Definition("at", "Integral")))


def test_growth_keeps_what_is_there() -> None:
    schema = Schema("id", "at", (Definition("id", "Integral"), Definition("at", "String")))
    grown = schema.grown([Definition("email", "String")])
    assert list(grown.types) == ["id", "at", "email"]
    with pytest.raises(SchemaError, match="The group has email already"):
        grown.grown([Definition("email", "String")])


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("Integral", ["0", "-5", "+7"], ["", "1.0", "1e3", "x", "1_000", "٣", "9223372036854775808"]),
        (
            "Fractional",
            ["1", "-1.5", ".5", "1e-05", "2.", "1e308"],
            ["", "nan", "inf", "1,5", "0x1", ".", "1e309", "-1e400"],
        ),
        ("String", ["", "anything"], []),
    ],
)
def test_values_of_each_type(kind: str, good: list[str], bad: list[str]) -> None:
    definition = Definition("x", kind)  # type: ignore[arg-type] # one of the types
    assert [definition.problem(text) for text in good] == [None] * len(good)
    assert all(definition.problem(text) for text in bad)


@pytest.mark.parametrize(
    ("kind", "text", "spelling"),
    [("Integral", "+007", "7"), ("Integral", "x", "x"), ("Fractional", "1.10", "1.1"), ("String", "007", "007")],
)
def test_an_entity_has_one_identity(kind: str, text: str, spelling: str) -> None:
    schema = Schema("id", "at", (Definition("id", kind), Definition("at", "String")))  # type: ignore[arg-type]
    assert schema.identity(text) == spelling
