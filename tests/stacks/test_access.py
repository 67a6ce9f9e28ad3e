"""Who may do what, asserted over every policy of the templates by an independent simulator of IAM."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from app import build, target_of
from checks.access import passages
from checks.access.mutation import mutations
from checks.access.second.evaluator import decide
from checks.access.simulation import Simulation, simulate
from ml_constructs.jobs.kinds import KINDS, Kind
from ml_rules.catalogue import findings
from ml_rules.templates import Templates
from stacks.labeling_settings import Labeling
from stacks.people import Studio
from stacks.settings import Environment
from stacks.systems.tabular import TabularSystem
from tests.environments import ALL_ENVIRONMENTS, DEV, FRAUD, SANDBOX

pytestmark = pytest.mark.slow  # a simulation takes about a millisecond, and there are thousands

COMPARED = ("dev", "prod", "sandbox")  # staging differs from prod in sizes
Found = dict[str, dict[str, Any]]


def simulated(name: str, templates: Found) -> Simulation:
    (found,) = [each for each in ALL_ENVIRONMENTS if each.name == name]
    return Simulation(found, templates)


@pytest.fixture(scope="module", params=COMPARED)
def simulation(request: pytest.FixtureRequest, templates: Found) -> Simulation:
    return simulated(request.param, templates)


def test_every_role_is_in_the_matrix(simulation: Simulation) -> None:
    assert simulation.problems() == []


STRANGER = "arn:aws:iam::999999999999:root"
MORE = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def role_of(template: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The role of the function that asks the fraud model."""
    resources = template["Resources"].items()
    return next((id_, each) for id_, each in resources if id_.startswith("PredictionsRole") and "Role" in each["Type"])


def trusting(statement: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    def change(template: dict[str, Any]) -> None:
        role_of(template)[1]["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(statement)

    return change


def of_another_service(template: dict[str, Any]) -> None:
    (statement,) = role_of(template)[1]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    statement["Principal"] = {"Service": "ec2.amazonaws.com"}


def of_any_account(template: dict[str, Any]) -> None:
    (statement,) = role_of(template)[1]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    del statement["Condition"]


def having(**properties: Any) -> Callable[[dict[str, Any]], None]:
    def change(template: dict[str, Any]) -> None:
        role_of(template)[1]["Properties"] |= properties

    return change


def beside(kind: str, **properties: Any) -> Callable[[dict[str, Any]], None]:
    """One more policy, `HOLDER` being the role."""

    def change(template: dict[str, Any]) -> None:
        text = json.dumps(properties).replace('"HOLDER"', json.dumps({"Ref": role_of(template)[0]}))
        template["Resources"]["Planted"] = {"Type": kind, "Properties": json.loads(text)}

    return change


def another_of_that_description(template: dict[str, Any]) -> None:
    template["Resources"]["Planted"] = role_of(template)[1]


def doing(action: str, resource: str) -> Callable[[dict[str, Any]], None]:
    return beside(
        "AWS::IAM::Policy",
        Roles=["HOLDER"],
        PolicyDocument={"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]},
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (trusting({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": STRANGER}}), "not trusted by"),
        (of_another_service, "is not trusted by lambda.amazonaws.com for this account alone"),
        (of_any_account, "is not trusted by lambda.amazonaws.com for this account alone"),
        (having(ManagedPolicyArns=["arn:aws:iam::111111111111:policy/x"]), "policy/x, which is in no template"),
        (having(PermissionsBoundary="arn:aws:iam::111111111111:policy/x"), "a permissions boundary, which nobody"),
        (beside("AWS::IAM::Policy", Roles=["one-of-another-stack"], PolicyDocument=MORE), "no role of its stack"),
        (beside("AWS::IAM::Policy", Users=["eve"], PolicyDocument=MORE), "eve, which is no role of its stack"),
        (another_of_that_description, "has 2 roles that are described as 'Asks the fraud model'"),
        (doing("iam:CreateSAMLProvider", "*"), "may iam:CreateSAMLProvider, which no column of the matrix asks"),
        (doing("ecr:UploadLayerPart", "*"), "may ecr:UploadLayerPart, which no column of the matrix asks"),
        (doing("sagemaker:List*", "*"), "may sagemaker:List*, which no column of the matrix asks"),
    ],
)
def test_what_nobody_has_judged_is_wrong(change: Callable[[dict[str, Any]], None], says: str, templates: Found) -> None:
    copy: Found = json.loads(json.dumps(templates))
    change(copy["dev-api"])
    assert any(says in problem for problem in simulated("dev", copy).problems())


@pytest.mark.parametrize(
    "change",
    [
        having(Policies=[{"PolicyName": "p", "PolicyDocument": MORE}]),
        beside("AWS::IAM::RolePolicy", RoleName="HOLDER", PolicyDocument=MORE),
        beside("AWS::IAM::ManagedPolicy", Roles=["HOLDER"], PolicyDocument=MORE),
        lambda template: (
            beside("AWS::IAM::ManagedPolicy", PolicyDocument=MORE)(template),
            having(ManagedPolicyArns=[{"Ref": "Planted"}])(template),
        ),
    ],
    ids=["inside", "of a role alone", "managed", "attached by the role"],
)
def test_a_right_is_read_wherever_it_is_given(change: Callable[[dict[str, Any]], None], templates: Found) -> None:
    copy: Found = json.loads(json.dumps(templates))
    change(copy["dev-api"])
    simulation = simulated("dev", copy)
    (role,) = [each for each in simulation.roles.values() if each.description == "Asks the fraud model"]
    assert MORE["Statement"][0] in role.statements
    assert simulation.problems() == []


def test_every_workload_may_do_what_the_matrix_says_and_nothing_else(simulation: Simulation) -> None:
    assertions = simulation.assertions()
    requests = simulation.requests(assertions)
    allowed = simulate(requests)
    assert [str(said) for said, found in zip(assertions, allowed, strict=True) if said.allowed != found] == []
    assert [found for found, request in zip(allowed, requests, strict=True) if decide(request).allowed != found] == []
    assert len(assertions) >= 600
    assert sum(not said.allowed for said in assertions) >= 0.6 * len(assertions)


def test_only_own_things_pass_the_endpoints_of_the_network(simulation: Simulation) -> None:
    told = list(passages.requests(simulation.environment, simulation.names))
    found = simulate([request for _, _, request in told])
    assert [words for (words, passes, _), passed in zip(told, found, strict=True) if passes != passed] == []
    assert [decide(request).allowed for _, _, request in told] == found


def test_a_statement_that_is_missing_is_noticed(simulation: Simulation) -> None:
    """Every statement of every workload's role carries at least one thing that the matrix says the workload may do."""
    found = mutations(simulation)
    assert len(found) > len(simulation.workloads())
    assert [mutation.statement for mutation in found if mutation.survives] == []


@pytest.mark.parametrize(
    ("narrowed", "passes"),
    [
        ({"Action": "s3:GetObject"}, "write the data bucket"),
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, "delete from the data bucket"),
        ({"Resource": "arn:aws:s3:::dev-storage-databuckete215aaca/*"}, "list the data bucket"),
    ],
    ids=str,
)
def test_a_refusal_that_is_hollowed_out_is_noticed(narrowed: dict[str, Any], passes: str, templates: Found) -> None:
    copy: Found = json.loads(json.dumps(templates))
    resources = copy["dev-storage"]["Resources"].items()
    policy = next(each for name, each in resources if name.startswith("DataBucketPolicy"))
    (refusal,) = [
        each
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        if each.get("Sid") == "InsideThroughOwnEndpoints"
    ]
    refusal |= narrowed
    simulation = simulated("dev", copy)
    told = list(passages.requests(simulation.environment, simulation.names))
    found = simulate([request for _, _, request in told])
    wrong = [words for (words, holds, _), passed in zip(told, found, strict=True) if holds != passed]
    assert any(passes in words for words in wrong), wrong
    assert all("a role of the network" in words for words in wrong)


@pytest.mark.parametrize(
    ("environment", "action", "noticed"),
    [
        ("dev", "s3:GetObject", "read the published data of fraud"),
        ("sandbox", "ec2:CreateNetworkInterface", "use the network"),
    ],
)
def test_a_wrong_right_is_noticed(environment: str, action: str, noticed: str, templates: Found) -> None:
    """The matrix is held against the templates, not against itself: one more statement in one role is found."""
    copy: Found = json.loads(json.dumps(templates))
    added = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = next(
        resource
        for name, resource in copy[f"{environment}-api"]["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith("PredictionsRole")
    )
    policy["Properties"]["PolicyDocument"]["Statement"].append(added)
    simulation = simulated(environment, copy)
    assertions = [each for each in simulation.assertions() if each.workload.description == "Asks the fraud model"]
    allowed = simulate(simulation.requests(assertions))
    wrong = [each.operation for each, found in zip(assertions, allowed, strict=True) if each.allowed != found]
    assert noticed in {operation.name for operation in wrong}
    assert {operation.action for operation in wrong} == {action}


def test_the_simulator_s_own_errors_are_told(simulation: Simulation) -> None:
    request = simulation.requests(simulation.assertions()[:1])[0]
    request["request"]["action"] = "s3:NoSuchAction"
    with pytest.raises(RuntimeError, match="s3:NoSuchAction"):
        simulate([request])


def test_a_role_that_is_missing_is_named_together_with_those_there_are(templates: Found) -> None:
    copy = {name: template for name, template in templates.items() if name != "dev-api"}
    simulation = simulated("dev", copy)
    with pytest.raises(LookupError, match=r"dev has no role for 'api: Asks the fraud model'\. It has: \w+: "):
        simulation.requests(simulation.assertions())


@pytest.mark.parametrize("shipped", [DEV, SANDBOX], ids=lambda shipped: shipped.name)
def test_the_matrix_holds_in_every_region(shipped: Environment, tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    zones = ("ap-southeast-2a", "ap-southeast-2b")
    moved = dataclasses.replace(shipped, region="ap-southeast-2", zones=zones, labeling=Labeling())
    assembly = build(App(outdir=str(tmp_path), context=cdk_context), [moved]).synth()
    stacks = assembly.get_nested_assembly(f"assembly-{moved.name}").stacks
    simulation = Simulation(moved, {stack.stack_name: stack.template for stack in stacks})
    assertions = simulation.assertions()
    told = [(str(said), said.allowed) for said in assertions]
    requests = simulation.requests(assertions)
    for words, passes, request in passages.requests(simulation.environment, simulation.names):
        told.append((words, passes))
        requests.append(request)
    assert "eu-west-1" not in json.dumps(requests)
    assert [words for (words, holds), was in zip(told, simulate(requests), strict=True) if holds != was] == []


def test_a_new_kind_of_job_is_a_row_of_the_constructs_table(
    tmp_path: Path, cdk_context: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """People see and stop what nobody here runs yet; the matrix has its columns, and no rule objects."""
    transform = Kind(name="TransformJob", resource="transform-job", plural="TransformJobs", step="Transform")
    for place in ("jobs.kinds", "studio.rights"):
        monkeypatch.setattr(f"ml_constructs.{place}.KINDS", (*KINDS, transform))
    assembly = build(App(outdir=str(tmp_path), context=cdk_context), [DEV]).synth()
    stacks = assembly.get_nested_assembly("assembly-dev").stacks
    found = {stack.stack_name: stack.template for stack in stacks}
    assert [each for each in findings(Templates(found, [target_of(DEV)])) if "Transform" in each.message] == []
    simulation = Simulation(DEV, found)
    assertions = [each for each in simulation.assertions() if "transform" in each.operation.name.lower()]
    allowed = simulate(simulation.requests(assertions))
    assert [str(said) for said, was in zip(assertions, allowed, strict=True) if said.allowed != was] == []
    told = {str(said) for said in assertions if said.allowed}
    assert "studio: Studio user ml-engineer, ML engineer may stop transform jobs of fraud" in told
    assert not any("may create transform jobs" in words for words in told)


def test_the_matrix_follows_what_an_environment_declares(tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    """A table of a team's own, other people, and neither k-NN nor scripts: no row is written by hand."""
    dev = next(each for each in ALL_ENVIRONMENTS if each.name == "dev")
    own = dataclasses.replace(
        dev,
        systems=(FRAUD, TabularSystem(name="churn")),
        labeling=Labeling(
            inputs=("fraud/versions", "photos"),
            streams=("fish", "birds"),
            functions=("arn:aws:lambda:eu-west-1:111111111111:function:before",),
            tells_ends=True,
            called_from_studio=True,
        ),
        studio=Studio(
            data_scientists=("ann", "bob"),
            ml_engineers=("joe",),
            annotation_leads=("eve",),
            auditors=("max",),
            systems={"bob": ("churn",), "joe": ("fraud",)},
        ),
    )
    assembly = build(App(outdir=str(tmp_path), context=cdk_context), [own]).synth()
    stacks = assembly.get_nested_assembly("assembly-dev").stacks
    simulation = Simulation(own, {stack.stack_name: stack.template for stack in stacks})
    assert simulation.problems() == []
    assertions = simulation.assertions()
    allowed = simulate(simulation.requests(assertions))
    assert [str(said) for said, found in zip(assertions, allowed, strict=True) if said.allowed != found] == []
    told = {str(said) for said in assertions if said.allowed}
    assert "studio: Studio user ann, data scientist may write the published data of churn" in told
    assert "api: Asks the churn model may ask the endpoint of churn" in told
    assert "studio: Studio user bob, data scientist may list files of eve" in told
    assert "studio: Studio user eve, annotation lead may call the labeling service" in told
    assert "labeling: Carries labeling jobs on, and ends them may tell of the ends of labeling jobs" in told
    assert "studio: Studio user bob, data scientist may write the published data of churn" in told
    assert "studio: Studio user joe, ML engineer may approve a version of fraud" in told
    others = {words for words in told if ("bob" in words and "fraud" in words) or ("joe" in words and "churn" in words)}
    # SageMaker names the jobs of pipelines itself, "pipelines-…": their names do not say whose they are.
    # What is deployed is no secret: mdlc finds it by the stacks.
    shared = (" jobs of ", "see the state of the stack ")
    assert [words for words in others if not any(part in words for part in shared)] == []
    assert not any("knn" in words for words in told)
