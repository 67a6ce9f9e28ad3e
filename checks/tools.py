"""The gates that are other people's tools, run from a virtual environment of their own."""

import fnmatch
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from checks.gates import Found
from checks.image_recipes import DOCKERFILES
from checks.synthesis import ROOT
from ml_rules import policies
from ml_rules.packs import NOT_ADOPTED, OF_A_NETWORK
from ml_rules.templates import REFERENCE, Resource, Template, Templates
from stacks.environments import ALL_ENVIRONMENTS
from stacks.settings import Environment

BIN: Final = ROOT / "build" / "tools" / "bin"
TIMEOUT: Final = 1800
"""Seconds after which a tool hangs: it has longer to do with every system of a team's own, and on a busy machine."""
MADE_UP: Final = ("tests/", "checks/corpus/")
READ_TOGETHER: Final = (
    "A statement of the policy names such a resource: IAM reads statements together, and */* as any kind."
)
CODE: Final = ("app.py", "constructs", "containers", "lambda", "mdlc", "stacks")
SANDBOXES: Final = frozenset(environment.name for environment in ALL_ENVIRONMENTS if not environment.closed)
_EXPLAINED: Final = tomllib.loads(Path(__file__).with_name("explained.toml").read_text(encoding="utf-8"))
_ARNS: Final = {
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a",
    "AWS::CodeBuild::Project": "arn:aws:codebuild:eu-west-1:123456789012:project/p",
    "AWS::Cognito::UserPool": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
    "AWS::ECR::Repository": "arn:aws:ecr:eu-west-1:123456789012:repository/r",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/r",
    "AWS::KMS::Key": "arn:aws:kms:eu-west-1:123456789012:key/k",
    "AWS::Lambda::Function": "arn:aws:lambda:eu-west-1:123456789012:function:f",
    "AWS::Logs::LogGroup": "arn:aws:logs:eu-west-1:123456789012:log-group:g:*",
    "AWS::S3::Bucket": "arn:aws:s3:::b",
    "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:123456789012:t",
    "AWS::SQS::Queue": "arn:aws:sqs:eu-west-1:123456789012:q",
}
"""An ARN of each type of resource, for a tool that reads nothing but ARNs."""
_REFERRED: Final = {"AWS::SNS::Topic"}
"""Types of which a reference is the ARN."""
_PSEUDO: Final = {
    "${AWS::AccountId}": "123456789012",
    "${AWS::Region}": "eu-west-1",
    "${AWS::StackId}": "arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1",
}


class Explanations:
    """Why findings of the tools may stay."""

    def __init__(self, accepted: Mapping[tuple[str, str], str]) -> None:
        self._accepted = accepted

    def of(self, tool: str, rule: str, path: str) -> str:
        """Return why the finding of `rule` at the construct `path` may stay, or nothing."""
        entry: Mapping[str, str] = _EXPLAINED.get(tool, {}).get(rule, {})
        if "reason" in entry:
            return entry["reason"]
        same = entry.get("same", "")
        if same in OF_A_NETWORK and path.partition("/")[0] in SANDBOXES:
            return "Nothing is in the network of a sandbox, which is for data that anybody may see."
        return NOT_ADOPTED.get(same, "") or self._accepted.get((path.partition("/")[2], same), "")


def write(templates: Mapping[str, Template], folder: Path) -> None:
    """Write templates for tools that do not know `Fn::GetStackOutput` yet: they read an import in its place."""
    folder.mkdir(parents=True, exist_ok=True)
    for stack, template in templates.items():
        (folder / f"{stack}.template.json").write_text(json.dumps(_with_imports(template), indent=1), encoding="utf-8")


def _with_imports(value: Any) -> Any:  # noqa: ANN401 - part of a template
    if isinstance(value, list):
        return [_with_imports(item) for item in value]
    if isinstance(value, dict):
        if output := value.get("Fn::GetStackOutput"):
            return {"Fn::ImportValue": f"{output['StackName']}-{output['OutputName']}"}
        return {key: _with_imports(item) for key, item in value.items()}
    return value


def cfn_lint(folder: Path, explanations: Explanations) -> Iterator[Found]:
    """Lint templates as CloudFormation would read them, each in the region of its environment."""
    for region, files in in_regions(sorted(folder.glob("*.template.json"))).items():
        for item in _json("cfn-lint", "--format", "json", "--regions", region, "--", *map(str, files)):
            path = "/".join(map(str, item["Location"]["Path"] or []))
            where = f"{Path(item['Filename']).name.partition('.')[0]}/{path}"
            rule = item["Rule"]["Id"]
            yield Found(rule, where, item["Message"], explanations.of("cfn-lint", rule, ""))


def in_regions(
    templates: Iterable[Path], environments: Iterable[Environment] = ALL_ENVIRONMENTS
) -> Mapping[str, Sequence[Path]]:
    """Return files of templates (`dev-api.template.json`) by the region that their environment is in."""
    regions = {environment.name: environment.region for environment in environments}
    found: dict[str, list[Path]] = {}
    for template in templates:
        found.setdefault(regions[template.name.partition("-")[0]], []).append(template)
    return found


def checkov(folder: Path, explanations: Explanations) -> Iterator[Found]:
    """Judge templates by checkov's rules for CloudFormation, without asking its service."""
    options = ("--framework", "cloudformation", "--output", "json", "--quiet", "--compact", "--skip-download")
    report = _json("checkov", "--directory", str(folder), *options)
    for part in report if isinstance(report, list) else [report]:
        if part["summary"]["parsing_errors"]:
            raise RuntimeError(f"checkov could not read {part['summary']['parsing_errors']} templates.")
        for item in part["results"]["failed_checks"]:
            template = json.loads((folder / item["file_path"].lstrip("/")).read_text(encoding="utf-8"))
            resource = template["Resources"][item["resource"].rpartition(".")[2]]
            path = resource.get("Metadata", {}).get("aws:cdk:path", item["resource"])
            yield Found(item["check_id"], path, item["check_name"], explanations.of("checkov", item["check_id"], path))


def parliament(templates: Templates, folder: Path, explanations: Explanations) -> Iterator[Found]:
    """Judge what roles may do: actions that exist, on resources and under conditions that they have."""
    folder.mkdir(parents=True, exist_ok=True)
    judged = {}
    for number, policy in enumerate(templates.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")):
        file = folder / f"{number}.json"
        document = REFERENCE.sub(lambda match: _arn(match, templates), json.dumps(policy.get("PolicyDocument")))
        for name, value in _PSEUDO.items():
            document = document.replace(name, value)
        file.write_text(document, encoding="utf-8")
        judged[file.name] = (policy.path, policies.read(json.loads(document)))
    for item in _json("parliament", "--directory", str(folder), "--json", lines=True):
        where, statements = judged[Path(item["location"]["filepath"]).name]
        for issue, detail in issues_of(item):
            elsewhere = item["issue"] == "RESOURCE_MISMATCH" and named_elsewhere(detail, statements)
            message = f"{item['title']} {detail or ''}".strip()
            reason = READ_TOGETHER if elsewhere else explanations.of("parliament", issue, where)
            yield Found(item["issue"], where, message, reason)


def issues_of(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield an issue with its detail, action by action where it is about some: `UNKNOWN_ACTION s3:GetThing`."""
    match item["issue"]:
        case "RESOURCE_MISMATCH":
            for action in sorted({lack["action"] for lack in item["detail"]}):
                yield f"RESOURCE_MISMATCH {action}", [lack for lack in item["detail"] if lack["action"] == action]
        case "UNKNOWN_ACTION":
            yield f"UNKNOWN_ACTION {str(item['detail']).rpartition(' ')[2]}", item["detail"]
        case issue:
            yield str(issue), item["detail"]


def named_elsewhere(missing: Sequence[Mapping[str, str]], statements: Sequence[policies.Statement]) -> bool:
    """Return whether other statements of the policy allow each action on the kind of resource that one lacks."""
    return all(
        any(
            lack["action"] in statement.actions
            and any(_covers(name, lack["required_format"]) for name in statement.resources)
            for statement in statements
            if statement.allows
        )
        for lack in missing
    )


def _covers(name: str, form: str) -> bool:
    """Return whether an ARN, wildcards included, may mean what the form of an ARN means."""
    own, asked = name.split(":", 5), form.split(":", 5)
    if len(own) != len(asked) or own[2] != asked[2]:
        return False
    return fnmatch.fnmatchcase(own[-1], asked[-1]) or fnmatch.fnmatchcase(asked[-1], own[-1])


def _arn(match: re.Match[str], templates: Templates) -> str:
    resource: Resource | None = templates.find(match[0])
    if resource is not None and match[3] == "StreamArn":
        return f"{_ARNS[resource.type]}/stream/2026-01-01T00:00:00.000"
    if resource is None or (match[3] != "Arn" and (match[3] or resource.type not in _REFERRED)):
        return "x"
    return _ARNS.get(resource.type, "x")


def bandit() -> Iterator[Found]:
    """Judge the code that is deployed, and the command line; a reason that ruff reads (`noqa: S…`) is one here too."""
    for item in _json("bandit", "-q", "-ll", "-r", "-f", "json", *CODE)["results"]:
        line = (ROOT / item["filename"]).read_text(encoding="utf-8").splitlines()[item["line_number"] - 1]
        reason = re.search(rf"noqa:.*\bS{item['test_id'][1:]}\b.*", line)
        where = f"{item['filename']}:{item['line_number']}"
        yield Found(item["test_id"], where, item["issue_text"], reason[0] if reason else "")


def hadolint() -> Iterator[Found]:
    """Lint the images' recipes."""
    files = sorted(str(file.relative_to(ROOT)) for file in ROOT.glob(DOCKERFILES))
    for item in _json("hadolint", "--format", "json", *files):
        yield Found(item["code"], f"{item['file']}:{item['line']}", item["message"])


def detect_secrets() -> Iterator[Found]:
    """Look for secrets in every tracked file but locks and pinned templates, whose hashes look like some.

    Tests are full of digests and made-up words: in them, only the forms of known keys count. Nothing that looks like
    a secret is sent anywhere to be tried, so that the verdict is the same without a network.
    """
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    skipped = re.compile(r"__snapshots__/|requirements[^/]*\.txt$|package-lock\.json$")
    files = [name for name in listed.stdout.splitlines() if not skipped.search(name)]
    guesses = [
        option
        for plugin in ("Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector")
        for option in ("--disable-plugin", plugin)
    ]
    scan = ("detect-secrets", "scan", "--no-verify")
    tests = [name for name in files if name.startswith(MADE_UP)]
    others = [name for name in files if not name.startswith(MADE_UP)]
    for report in (_json(*scan, *others), _json(*scan, *guesses, *tests)):
        for file, items in report["results"].items():
            for item in items:
                yield Found(item["type"], f"{file}:{item['line_number']}", "This looks like a secret.")


def access_matrix(folder: Path) -> Iterator[Found]:
    """Hold the policies of every environment against the access matrix (`checks.access`), which writes `folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "checks.access"],
        cwd=ROOT,
        env=os.environ | {"CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    file = folder / "access.json"
    if not file.exists():
        raise RuntimeError(f"The access matrix ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    for wrong in json.loads(file.read_text(encoding="utf-8"))["wrong"]:
        yield Found("access", wrong.partition(":")[0], wrong)


def _json(tool: str, *arguments: str, lines: bool = False) -> Any:  # noqa: ANN401 - each tool's own form
    """Run a tool that prints JSON; raises `RuntimeError` when it prints something else."""
    done = subprocess.run(  # noqa: S603 - a tool of ours
        [str(BIN / tool), *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT
    )
    try:
        return [json.loads(line) for line in done.stdout.splitlines()] if lines else json.loads(done.stdout or "[]")
    except ValueError as error:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise RuntimeError(f"{tool} ended with {done.returncode} and printed no JSON: {said}") from error
