import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mdlc.commands import cost
from tests.mdlc.conftest import Mdlc

Assembly = Callable[..., Path]

PRICES = (
    "item,unit,region,usd,usage_type,mark,source,date",
    "KMS key,month,us-east-1,1.00,us-east-1-KMS-Keys,unverified,a page,2026-11-01",
    "interface endpoint in a zone,hour,eu-west-1,0.011,EU-VpcEndpoint-Hours,published,a list,2026-09-14",
    "ml.m5.large hosting,hour,eu-west-1,0.128,EU-Host:ml.m5.large,derived,a bill,2023-12-31",
    "alarm metric,month,eu-west-1,0.10,EU-CW:AlarmMonitorUsage,published,a list,2026-09-22",
)
ROLLOUT = {
    "Environment": {
        "Variables": {
            "ENDPOINT_NAME": "dev-fraud",
            "INSTANCE_TYPE": "ml.m5.large",
            "MIN_CAPACITY": "1",
            "MAX_CAPACITY": "2",
            "INVOCATIONS_PER_INSTANCE": "1000",
        }
    }
}
RESOURCES: dict[str, tuple[str, dict[str, Any]]] = {
    "Key": ("AWS::KMS::Key", {}),
    "Runtime": ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}),
    "Bucket": ("AWS::S3::Bucket", {}),
    "Rollout": ("AWS::Lambda::Function", ROLLOUT),
}


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    """Write a cdk.out with an environment of one stack."""

    def write(
        resources: Mapping[str, tuple[str, dict[str, Any]]], *, environment: str = "dev", region: str = "eu-west-1"
    ) -> Path:
        folder = tmp_path / "cdk.out" / f"assembly-{environment}"
        folder.mkdir(parents=True)
        template = {"Resources": {n: {"Type": kind, "Properties": p} for n, (kind, p) in resources.items()}}
        (folder / "core.template.json").write_text(json.dumps(template))
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://111122223333/{region}",
            "properties": {"stackName": f"{environment}-core", "templateFile": "core.template.json"},
        }
        (folder / "manifest.json").write_text(json.dumps({"artifacts": {"core": stack}}))
        return folder.parent

    return write


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A price table of a few rows."""
    file = tmp_path / "prices.csv"
    file.write_text("\n".join(PRICES) + "\n", encoding="utf-8")
    return file


def arguments(folder: Path, prices: Path) -> tuple[str, ...]:
    return ("--assembly", str(folder), "--prices", str(prices))


def test_an_environment_is_priced_from_its_templates(mdlc: Mdlc, assembly: Assembly, table: Path) -> None:
    """A key 1.00; an endpoint in two zones 2 x 0.011 x 730 = 16.06; the instance 0.128 x 730 and two alarms."""
    ran = mdlc("cost", "dev", "--json", *arguments(assembly(RESOURCES), table))
    assert ran.code == 0, ran.stderr
    (found,) = json.loads(ran.stdout)["environments"]
    assert found["idle_usd"] == pytest.approx(17.06)
    assert [(line["item"], line["usd_month"]) for line in found["idle"]] == [
        ("KMS key", 1.0),
        ("interface endpoint in a zone", pytest.approx(16.06)),
    ]
    assert found["stacks"] == {"core": pytest.approx(17.06)}
    assert found["complete"] is True
    assert found["endpoints"][0]["usd_month"] == pytest.approx(93.64)
    assert {(each["type"], each["reason"]) for each in found["free"]} == {
        ("AWS::S3::Bucket", "paid by use"),
        ("AWS::Lambda::Function", "paid by use"),
    }
    assert {(row["item"], row["mark"], row["source"], row["date"]) for row in found["prices"]} >= {
        ("KMS key", "unverified", "a page", "2026-11-01")
    }


def test_a_person_reads_what_runs_idle_and_which_prices_to_doubt(mdlc: Mdlc, assembly: Assembly, table: Path) -> None:
    text = mdlc("cost", "dev", *arguments(assembly(RESOURCES), table)).stdout
    assert "dev, priced as in eu-west-1: 17.06 USD a month with nothing running" in text
    assert "█" in text
    assert "paid by use: Lambda::Function 1, S3::Bucket 1" in text
    assert "! interface endpoint in a zone: 2 cost 16.06 USD a month with nothing running." in text
    assert "! dev-fraud: 1 ml.m5.large day and night once a model is rolled out to it." in text
    assert "~ KMS key at 1.00 USD: unverified, of us-east-1, as none of eu-west-1 is known." in text
    assert "~ ml.m5.large hosting at 0.128 USD: derived." in text


def test_environments_are_shown_side_by_side(mdlc: Mdlc, assembly: Assembly, table: Path) -> None:
    assembly(RESOURCES)
    folder = assembly({"Key": RESOURCES["Key"], "Other": RESOURCES["Key"]}, environment="prod")
    lines = mdlc("cost", "dev", "prod", *arguments(folder, table)).stdout.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["USD", "a", "month", "dev", "prod"],
        ["interface", "endpoint", "in", "a", "zone", "16.06", "-"],
        ["KMS", "key", "1.00", "2.00"],
        ["idle", "17.06", "2.00"],
    ]


def test_an_unknown_item_is_named_and_never_nothing(mdlc: Mdlc, assembly: Assembly, table: Path) -> None:
    folder = assembly(
        RESOURCES | {"Database": ("AWS::RDS::DBInstance", {}), "Secret": ("AWS::SecretsManager::Secret", {})}
    )
    ran = mdlc("cost", "dev", *arguments(folder, table))
    assert ran.code == 0
    assert "at least 17.06 USD" in ran.stdout
    assert "! AWS::RDS::DBInstance (core/Database): no price, and not in the sum." in ran.stdout
    found = json.loads(mdlc("cost", "dev", "--json", *arguments(folder, table)).stdout)["environments"][0]
    assert found["complete"] is False
    assert found["unknown"] == ["core/Database AWS::RDS::DBInstance", "core/Secret secret"]
    assert [line["usd_month"] for line in found["idle"] if line["item"] == "secret"] == [None]


def test_a_limit_fails_what_idles_above_it(mdlc: Mdlc, assembly: Assembly, table: Path) -> None:
    given = arguments(assembly(RESOURCES), table)
    assert mdlc("cost", "dev", "--limit", "17.06", *given).code == 0
    ran = mdlc("cost", "dev", "--limit", "17", *given)
    assert (ran.code, ran.stderr) == (1, "mdlc: dev idles at 17.06 USD a month: the limit is 17.00.\n")


def test_a_limit_fails_what_has_no_price(mdlc: Mdlc, assembly: Assembly, table: Path) -> None:
    folder = assembly({"Database": ("AWS::RDS::DBInstance", {})})
    ran = mdlc("cost", "dev", "--limit", "100", *arguments(folder, table))
    assert ran.code == 1
    assert "items without a price, such as AWS::RDS::DBInstance (core/Database)" in ran.stderr


def test_an_environment_is_priced_as_if_it_were_elsewhere(mdlc: Mdlc, assembly: Assembly, table: Path) -> None:
    folder = assembly(RESOURCES, region="sa-east-1")
    ran = mdlc("cost", "dev", *arguments(folder, table))
    assert ran.code == 2
    assert "There are no prices for sa-east-1" in ran.stderr
    assert mdlc("cost", "dev", "--region", "eu-west-1", *arguments(folder, table)).code == 0


def test_wrong_names_and_folders_are_one_sentence_and_2(
    mdlc: Mdlc, assembly: Assembly, table: Path, tmp_path: Path
) -> None:
    given = arguments(assembly(RESOURCES), table)
    ran = mdlc("cost", "devel", *given)
    assert (ran.code, ran.stderr) == (2, "mdlc: There is no environment devel: the templates are of dev.\n")
    assert mdlc("cost", "dev", "dev", *given).stderr == "mdlc: dev is given twice: name every environment once.\n"
    ran = mdlc("cost", "dev", "--assembly", str(tmp_path), "--prices", str(table))
    assert ran.code == 2
    assert "holds no synthesized environments" in ran.stderr
    assert mdlc("cost").code == 2


def test_without_an_assembly_the_templates_are_synthesized(
    mdlc: Mdlc, assembly: Assembly, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = assembly(RESOURCES)
    asked = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cost, "FOLDER", Path())
    monkeypatch.setattr(cost, "synthesize", lambda folder, log, sandbox: asked.append((folder, log.name, sandbox)))
    assert mdlc("cost", "dev", "--prices", str(table)).code == 0
    assert asked == [(written, "synth.log", True)]
