"""Who may do what, asserted over every policy of the templates by an independent simulator of IAM."""

import json
from typing import Any

import pytest

from checks.access import passages
from checks.access.mutation import mutations
from checks.access.policies import Environment
from checks.access.simulation import Simulation, simulate
from stacks.environments import ENVIRONMENTS

pytestmark = pytest.mark.slow  # a simulation takes about a millisecond, and there are thousands

ACCOUNTS = {environment.name: environment.account for environment in ENVIRONMENTS}
COMPARED = ("dev", "prod")  # staging differs from prod in sizes
Templates = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=COMPARED)
def environment(request: pytest.FixtureRequest, templates: Templates) -> Environment:
    return Environment(request.param, ACCOUNTS[request.param], templates)


def test_every_role_is_in_the_matrix(environment: Environment) -> None:
    assert Simulation(environment).strangers() == []


def test_every_workload_may_do_what_the_matrix_says_and_nothing_else(environment: Environment) -> None:
    simulation = Simulation(environment)
    assertions = simulation.assertions()
    allowed = simulate(simulation.requests(assertions))
    assert [str(said) for said, found in zip(assertions, allowed, strict=True) if said.allowed != found] == []
    assert len(assertions) >= 600
    assert sum(not said.allowed for said in assertions) >= 0.6 * len(assertions)


def test_only_own_things_pass_the_endpoints_of_the_network(environment: Environment) -> None:
    told = list(passages.requests(environment))
    found = simulate([request for _, _, request in told])
    assert [words for (words, passes, _), passed in zip(told, found, strict=True) if passes != passed] == []


def test_a_statement_that_is_missing_is_noticed(templates: Templates) -> None:
    """Every statement of every workload's role carries at least one thing that the matrix says the workload may do."""
    found = mutations(Simulation(Environment("dev", ACCOUNTS["dev"], templates)))
    assert len(found) > len(Simulation(Environment("dev", ACCOUNTS["dev"], templates)).workloads())
    assert [mutation.statement for mutation in found if mutation.survives] == []


def test_a_wrong_right_is_noticed(templates: Templates) -> None:
    """The matrix is held against the templates, not against itself: one more statement in one role is found."""
    copy: Templates = json.loads(json.dumps(templates))
    added = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = next(
        resource
        for name, resource in copy["dev-api"]["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith("PredictionsRole")
    )
    policy["Properties"]["PolicyDocument"]["Statement"].append(added)
    simulation = Simulation(Environment("dev", ACCOUNTS["dev"], copy))
    assertions = [each for each in simulation.assertions() if each.workload.description == "Asks the fraud model"]
    allowed = simulate(simulation.requests(assertions))
    wrong = {each.operation.name for each, found in zip(assertions, allowed, strict=True) if each.allowed != found}
    assert "read the published data of fraud" in wrong
    assert all(name.startswith("read ") for name in wrong)


def test_the_simulator_s_own_errors_are_told(environment: Environment) -> None:
    simulation = Simulation(environment)
    request = simulation.requests(simulation.assertions()[:1])[0]
    request["request"]["action"] = "s3:NoSuchAction"
    with pytest.raises(RuntimeError, match="s3:NoSuchAction"):
        simulate([request])


def test_a_role_that_is_missing_is_named_together_with_those_there_are(templates: Templates) -> None:
    copy = {name: template for name, template in templates.items() if name != "dev-api"}
    simulation = Simulation(Environment("dev", ACCOUNTS["dev"], copy))
    with pytest.raises(LookupError, match=r"dev has no role for 'api: Asks the fraud model'\. It has: \w+: "):
        simulation.requests(simulation.assertions())
