"""What the environments cost, computed by hand from the rows of the price table, and all that costs by the hour."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from mdlc.cost import assembly, prices
from mdlc.cost.estimate import Estimate
from mdlc.cost.findings import by_item, usd
from stacks.settings import Feature
from tests.environments import DEV, FRAUD

pytestmark = pytest.mark.slow  # environments of its own are synthesized

ROOT = Path(__file__).parents[2]
# An hour of an interface endpoint is 0.011 USD in eu-west-1, a month has 730: 8.03 in each zone. A key is 1.00 a month,
# an alarm 0.10.
#   dev      12 endpoints x 1 zone  x 8.03 =  96.36   4 keys = 4.00   10 alarms = 1.00   together 101.36
#   staging  12 endpoints x 2 zones x 8.03 = 192.72   4 keys = 4.00   10 alarms = 1.00   together 197.72
#   prod     12 endpoints x 3 zones x 8.03 = 289.08   4 keys = 4.00   10 alarms = 1.00   together 294.08
#   sandbox  no endpoint and no repository of packages 3 keys = 3.00   11 alarms = 1.10   together   4.10
IDLE = {"dev": "101.36", "staging": "197.72", "prod": "294.08", "sandbox": "4.10"}
# Whatever runs whether or not anybody uses it: what is not listed here must not be in a template.
ALWAYS_ON = {
    "dev": {"interface endpoint in a zone": 12, "KMS key": 4, "alarm metric": 10},
    "staging": {"interface endpoint in a zone": 24, "KMS key": 4, "alarm metric": 10},
    "prod": {"interface endpoint in a zone": 36, "KMS key": 4, "alarm metric": 10},
    "sandbox": {"KMS key": 3, "alarm metric": 11},
}
# fraud, knn and images: in all but prod one ml.m5.large at 0.128 x 730 = 93.44 each, in prod two ml.m5.xlarge at
# 0.257 x 2 x 730 = 375.22 each; and two alarms of the scaling of each, 0.20.
SERVED = {"dev": "280.92", "staging": "280.92", "prod": "1,126.26", "sandbox": "280.92"}
MAIN_JOB = frozenset({Feature.SERVING, Feature.API})


@pytest.fixture(scope="session")
def estimates(outdir: Path) -> dict[str, Estimate]:
    table = prices.read()
    return {name: Estimate(assembly.load(outdir, name), table) for name in IDLE}


def variant(folder: Path, context: dict[str, Any], **changes: Any) -> Estimate:
    environment = dataclasses.replace(DEV, name="variant", **changes)
    build(cdk.App(outdir=str(folder), context=context), [environment]).synth()
    return Estimate(assembly.load(folder, "variant"), prices.read())


@pytest.mark.parametrize("environment", IDLE)
def test_nothing_costs_by_the_hour_but_what_is_listed(environment: str, estimates: dict[str, Estimate]) -> None:
    found = {item: sum(line.quantity for line in lines) for item, lines in by_item(estimates[environment]).items()}
    assert found == ALWAYS_ON[environment]


@pytest.mark.parametrize("environment", IDLE)
def test_idle_is_what_a_hand_computes(environment: str, estimates: dict[str, Estimate]) -> None:
    assert usd(estimates[environment].idle_usd) == IDLE[environment]


@pytest.mark.parametrize("environment", SERVED)
def test_endpoints_are_what_a_hand_computes(environment: str, estimates: dict[str, Estimate]) -> None:
    assert usd(estimates[environment].served_usd) == SERVED[environment]


def test_a_thousand_predictions_are_what_a_hand_computes(estimates: dict[str, Estimate]) -> None:
    """1,000 requests at 3.50 and at 0.20 a million; 50 ms x 0.5 GB; 1 KB of data twice, 2 KB of logs."""
    (predictions,) = [each for each in estimates["dev"].predictions if each.front.endpoint == "dev-fraud"]
    gigabyte = 1 / 1024 / 1024
    by_hand = 0.0035 + 0.0002 + 25 * 0.0000133334 + 1000 * gigabyte * (0.016 + 0.01) + 2000 * gigabyte * 0.57
    assert float(sum(line.usd or 0 for line in predictions.lines)) == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(0.0051453, rel=1e-5)
    assert predictions.instances is not None
    assert float(predictions.instances.usd or 0) == pytest.approx(0.128 / 60)  # 1,000 calls are a minute of one


def test_an_hour_of_training_is_what_a_hand_computes(estimates: dict[str, Estimate]) -> None:
    """An ml.m5.xlarge at 0.257, and 30 GB at 0.154 a month of 730 hours; the job may take an hour."""
    (training,) = [cost for cost in estimates["dev"].jobs if cost.job.step == "XGBModelTraining"]
    assert float(training.hourly or 0) == pytest.approx(0.257 + 30 * 0.154 / 730)
    assert training.at_most == training.hourly


def test_every_job_has_a_price(estimates: dict[str, Estimate]) -> None:
    for estimate in estimates.values():
        assert {cost.job.pipeline for cost in estimate.jobs} >= {
            f"{estimate.environment}-{system}" for system in ("fraud", "census", "knn", "images")
        }
        assert all(cost.hourly for cost in estimate.jobs)


def test_dev_with_the_main_job_idles_under_100_and_with_everything_under_160(
    estimates: dict[str, Estimate], cdk_context: dict[str, Any], tmp_path: Path
) -> None:
    assert estimates["dev"].idle_usd < 160
    main_job = variant(tmp_path, cdk_context, features=MAIN_JOB, systems=(FRAUD,))
    assert not main_job.unknown
    assert main_job.idle_usd < 100


def test_a_sandbox_idles_under_10(estimates: dict[str, Estimate]) -> None:
    assert not estimates["sandbox"].unknown
    assert estimates["sandbox"].idle_usd < 10


def test_the_documented_figures_are_those_of_the_templates(estimates: dict[str, Estimate]) -> None:
    """docs/cost.md shows what `mdlc cost dev staging prod` prints."""
    text = (ROOT / "docs/cost.md").read_text(encoding="utf-8")
    (idle,) = re.findall(r"^idle +(.*)$", text, re.MULTILINE)
    assert idle.split() == [usd(estimates[name].idle_usd) for name in ("dev", "staging", "prod")]
    (both,) = re.findall(r"^with endpoints +(.*)$", text, re.MULTILINE)
    assert both.split() == [
        usd(estimates[name].idle_usd + estimates[name].served_usd) for name in ("dev", "staging", "prod")
    ]
