"""Studio: what could be done there, to the spaces and files of everybody, and what each persona may do."""

from collections.abc import Iterator, Mapping, Sequence

from checks.access import platform
from checks.access.features import GROUPS
from checks.access.operation import OBJECTS, SAGEMAKER, Operation, job_kinds
from checks.access.rights import PUBLISHED
from checks.access.trained import Trained
from checks.access.workload import Workload, workload
from ml_constructs.studio.persona import Persona
from stacks.people import Studio

People = Mapping[str, Persona]
"""The persona of everybody, by name."""
KEPT = {**OBJECTS, "delete": "s3:DeleteObject"}


def operations(people: People) -> Iterator[Operation]:
    """Yield what could be done in Studio, to the spaces and files of everybody, and to what is to be labeled."""
    for name, persona in people.items():
        yield from _space(name)
        yield from _files(name, persona)
    yield from _domain()
    yield from _packages()


def _space(name: str) -> Iterator[Operation]:
    profile, space = f"{SAGEMAKER}:user-profile/{{studio}}/{name}", f"{SAGEMAKER}:space/{{studio}}/{name}"
    app = f"{SAGEMAKER}:app/{{studio}}/{name}/JupyterLab/default"
    owned = {"sagemaker:OwnerUserProfileArn": profile}
    small, large = ({**owned, "sagemaker:InstanceTypes": [size]} for size in ("ml.t3.medium", "ml.p5.48xlarge"))
    foreign = {**small, "sagemaker:OwnerUserProfileArn": f"{SAGEMAKER}:user-profile/{{studio}}/somebody"}
    yield Operation(f"open Studio as {name}", "sagemaker:CreatePresignedDomainUrl", profile)
    yield Operation(f"change the profile of {name}", "sagemaker:UpdateUserProfile", profile)
    yield Operation(f"delete the profile of {name}", "sagemaker:DeleteUserProfile", profile)
    yield Operation(f"see the space of {name}", "sagemaker:DescribeSpace", space)
    yield Operation(f"change the space of {name}", "sagemaker:UpdateSpace", space, small)
    yield Operation(f"delete the space of {name}", "sagemaker:DeleteSpace", space)
    yield Operation(f"start the app of {name}", "sagemaker:CreateApp", app, small)
    yield Operation(f"start a large app of {name}", "sagemaker:CreateApp", app, large)
    yield Operation(
        f"start another app of {name}", "sagemaker:CreateApp", app.replace("JupyterLab", "CodeEditor"), small
    )
    yield Operation(f"start an app in what was the space of {name}", "sagemaker:CreateApp", app, foreign)
    yield Operation(f"end the app of {name}", "sagemaker:DeleteApp", app, owned)
    starting = {"sagemaker:TaggingAction": "CreateApp"}
    yield Operation(f"tag the app of {name} at its start", "sagemaker:AddTags", app, starting)
    yield Operation(f"tag the app of {name}", "sagemaker:AddTags", app)


def _files(name: str, persona: Persona) -> Iterator[Operation]:
    for verb, action in KEPT.items():
        yield Operation(f"{verb} files of {name}", action, f"arn:aws:s3:::{{artifacts}}/studio/{name}/notes.ipynb")
    listed = {"s3:prefix": f"studio/{name}/"}
    if persona is Persona.ANNOTATION_LEAD:  # all others who keep files list the whole bucket
        yield Operation(f"list files of {name}", "s3:ListBucket", "arn:aws:s3:::{artifacts}", listed)


def _domain() -> Iterator[Operation]:
    for verb, action in KEPT.items():
        resource = "arn:aws:s3:::{data}/labeling/v1/1.jpg"
        yield Operation(f"{verb} the data that is to be labeled", action, resource)
    reviewed = "arn:aws:s3:::{data}/labeling/reviews/images/pictures/1.jpg"
    yield Operation("write pictures that are reviewed", "s3:PutObject", reviewed)
    listed = {"s3:prefix": "labeling/v1/"}
    yield Operation("list the data that is to be labeled", "s3:ListBucket", "arn:aws:s3:::{data}", listed)
    domain = f"{SAGEMAKER}:domain/{{studio}}"
    for verb in ("describe", "update", "delete"):
        yield Operation(f"{verb} the domain", f"sagemaker:{verb.capitalize()}Domain", domain)
    yield Operation("make a profile", "sagemaker:CreateUserProfile", f"{SAGEMAKER}:user-profile/{{studio}}/n")
    yield Operation("make a space", "sagemaker:CreateSpace", f"{SAGEMAKER}:space/{{studio}}/new")
    yield Operation("list apps", "sagemaker:ListApps", "*")
    for verb, action in (("read", "Decrypt"), ("see", "DescribeKey"), ("delete", "ScheduleKeyDeletion")):
        yield Operation(
            f"{verb} with the Studio key" if verb == "read" else f"{verb} the Studio key",
            f"kms:{action}",
            "{studio_key}",
        )
    grant = {"kms:GrantIsForAWSResource": "true"}
    yield Operation("lend the Studio key to AWS services", "kms:CreateGrant", "{studio_key}", grant)
    nothing = {"kms:GrantIsForAWSResource": "false"}
    yield Operation("lend the Studio key to anybody", "kms:CreateGrant", "{studio_key}", nothing)


def _packages() -> Iterator[Operation]:
    codeartifact, name = "arn:aws:codeartifact:{region}:{account}", "{environment}-packages"
    repository = f"{codeartifact}:repository/{name}/pypi"
    yield Operation("log in to packages", "codeartifact:GetAuthorizationToken", f"{codeartifact}:domain/{name}")
    yield Operation("install packages", "codeartifact:ReadFromRepository", repository)
    yield Operation("delete the repository of packages", "codeartifact:DeleteRepository", repository)
    package = f"{codeartifact}:package/{name}/pypi/pypi/ours/xgboost"
    yield Operation("publish packages", "codeartifact:PublishPackageVersion", package)
    for service, what in (("codeartifact", "packages"), ("ecr-public", "public images")):
        to = {"sts:AWSServiceName": f"{service}.amazonaws.com"}
        yield Operation(f"get a token for {what}", "sts:GetServiceBearerToken", "*", to)


def workloads(  # noqa: PLR0913 - read by name
    studio: Studio,
    systems: Sequence[Trained],
    *,
    served: Sequence[Trained],
    features: bool,
    mlflow: bool,
    labeling: bool,
) -> Iterator[Workload]:
    """Yield a row for everybody in Studio, for nobody, and for what ends the domain."""
    people, stacks = studio.people, platform.stacks(systems)
    for name, persona in people.items():
        names = studio.systems_of(name, [system.name for system in systems])
        theirs, asked = ([each for each in some if each.name in names] for some in (systems, served))
        alike = [each for each in systems if not each.scripted and any(not own.scripted for own in theirs)]
        rights = _Rights(theirs, asked, stacks, alike=alike, features=features, mlflow=mlflow, labeling=labeling)
        yield _person(name, persona, rights.of(name, persona))
    yield workload("studio", "Studio users who are nobody's persona")
    logged = {"write its own log", "trace requests", "send to the dead-letter queue of functions"}
    ended = {f"end the app of {name}" for name in people} | {"list apps", "see the state of the stack studio"}
    ends = logged | ended | {"see network interfaces"}
    yield workload("studio", "Ends the apps of Studio with their stack", ends, passing=True)
    deleted = {f"delete the {what} of {name}" for what in ("space", "profile") for name in people}
    deleted |= {"describe the domain", "delete the domain"}
    description = "Deletes the Studio domain and all that is in it with their stack"
    yield workload("studio", description, ends, deleted, passing=True)


CALLED = {
    Persona.DATA_SCIENTIST: "data scientist",
    Persona.ML_ENGINEER: "ML engineer",
    Persona.ANNOTATION_LEAD: "annotation lead",
    Persona.AUDITOR: "auditor",
}


def _person(name: str, persona: Persona, may: set[str]) -> Workload:
    """Return a person, who also has a space of their own."""
    own = {f"{verb} the space of {name}" for verb in ("see", "change")}
    own |= {f"start the app of {name}", f"end the app of {name}", f"tag the app of {name} at its start"}
    own |= {f"open Studio as {name}", "describe the domain", "list apps"}
    own |= {"see the Studio key", "lend the Studio key to AWS services"}
    return workload("studio", f"Studio user {name}, {CALLED[persona]}", own, may, inside=True)


DATA_KEY = {
    f"{verb} with the data key{through}"
    for verb in ("read", "encrypt")
    for through in ("", " through DynamoDB", " through SNS")
}
PACKAGES = {"log in to packages", "install packages", "get a token for packages"}


class _Rights:
    """What each persona may do with an environment's systems."""

    def __init__(  # noqa: PLR0913 - read by name
        self,
        systems: Sequence[Trained],
        served: Sequence[Trained],
        stacks: Sequence[str],
        *,
        alike: Sequence[Trained],
        features: bool,
        mlflow: bool,
        labeling: bool,
    ) -> None:
        self._systems, self._served, self._features, self._mlflow = systems, served, features, mlflow
        self._labeling = labeling
        self._registered = [system for system in systems if system.serving]
        self._stacks = stacks
        # SageMaker names jobs of pipelines itself: who sees those of one sees those of all
        self._with_jobs = {system.name for system in (*systems, *alike)}

    def of(self, name: str, persona: Persona) -> set[str]:
        """Return what somebody of a persona may do, beside what everybody may in a space of their own."""
        files = {f"{verb} files of {name}" for verb in ("read", "write", "delete")} | DATA_KEY
        match persona:
            case Persona.DATA_SCIENTIST:
                return self._work() | self._experiment() | files
            case Persona.ML_ENGINEER:
                return self._work() | self._operate() | files
            case Persona.ANNOTATION_LEAD:
                labeled = {f"{verb} the data that is to be labeled" for verb in ("read", "write", "delete", "list")}
                if self._labeling:
                    labeled |= {"call the labeling service"}
                    labeled |= {f"see the state of the stack {stack}" for stack in self._stacks}
                return labeled | files | {f"list files of {name}"} | PACKAGES
            case Persona.AUDITOR:
                return self._audit()

    def _work(self) -> set[str]:
        """Return what data scientists and ML engineers do: follow runs, read what became of them, and ask it."""
        may = self._sees_runs() | {"list the data bucket", "list the artifacts bucket"} | PACKAGES
        for system in self._systems:
            may |= {
                f"read the published {what} of {system.name}" for what in (PUBLISHED if system.scripted else ("data",))
            }
            may |= {f"read the prepared {part} data of {system.name}" for part in system.prepared}
            may |= {f"read the {result} of {system.name}" for result in (*system.results, "checkpoints")}
            may |= {f"{verb} executions of {system.name}" for verb in ("see", "stop")}
            if system.scripted:
                may |= {f"see runs of {system.name}"}
        may |= {f"ask the endpoint of {system.name}" for system in self._served}
        if self._mlflow:
            may |= {"record experiments", "open the experiments", "read artifacts of experiments"}
        return may | ({"read logs of TrainingJobs"} if self._systems else set())

    def _experiment(self) -> set[str]:
        """Return what data scientists do beside: publish data and scripts, start runs, and use features."""
        may = {f"start executions of {system.name}" for system in self._systems}
        for system in self._systems:
            may |= {
                f"write the published {what} of {system.name}" for what in (PUBLISHED if system.scripted else ("data",))
            }
        for group in GROUPS if self._features else ():
            may |= {f"write records of {group}", f"read the history of {group}"}
        return may

    def _operate(self) -> set[str]:
        """Return what ML engineers do beside: decide on models, see endpoints and interrupt jobs."""
        may = {f"{verb} a version of {system.name}" for verb in ("approve", "reject") for system in self._registered}
        stops = {f"stop {kind} jobs of {name}" for kind in job_kinds() for name in self._with_jobs}
        return self._sees_endpoints() | may | stops

    def _audit(self) -> set[str]:
        """Return what auditors read: how things are set up, what was done, and who reached the buckets; no data."""
        may = {f"read the template of the stack {stack}" for stack in self._stacks}
        may |= {"read the flow logs", "list log groups", "list the access logs", "read the access logs"}
        return self._sees_runs() | self._sees_endpoints() | may

    def _sees_runs(self) -> set[str]:
        may = {f"see the state of the stack {stack}" for stack in self._stacks}
        if not self._systems:
            return may
        may |= {f"see executions of {system.name}" for system in self._systems if not system.scripted}
        may |= {f"describe {kind} jobs of {name}" for kind in job_kinds() for name in self._with_jobs}
        may |= {f"list executions of {system.name}" for system in self._systems if system.scripted}
        may |= {f"see a version of {system.name}" for system in self._registered}
        return may | {"list versions"}

    def _sees_endpoints(self) -> set[str]:
        may = {f"see {what} of {s.name}" for what in ("the endpoint", "endpoint configurations") for s in self._served}
        return may | ({"list endpoint configurations"} if self._served else set())
