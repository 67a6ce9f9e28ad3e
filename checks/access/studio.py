"""What somebody could do in Studio: columns of the access matrix."""

from collections.abc import Iterator

from checks.access.operation import OBJECTS, SAGEMAKER, Operation

PEOPLE = ("data-scientist", "ml-engineer", "annotation-lead", "auditor")
KEPT = {**OBJECTS, "delete": "s3:DeleteObject"}


def operations() -> Iterator[Operation]:
    """Yield what could be done in Studio, to the spaces and files of everybody, and to what is to be labeled."""
    for name in PEOPLE:
        yield from _space(name)
        yield from _files(name)
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


def _files(name: str) -> Iterator[Operation]:
    for verb, action in KEPT.items():
        yield Operation(f"{verb} files of {name}", action, f"arn:aws:s3:::{{artifacts}}/studio/{name}/notes.ipynb")
    listed = {"s3:prefix": f"studio/{name}/"}
    if name == "annotation-lead":  # all others who keep files list the whole bucket
        yield Operation(f"list files of {name}", "s3:ListBucket", "arn:aws:s3:::{artifacts}", listed)


def _domain() -> Iterator[Operation]:
    for verb, action in KEPT.items():
        resource = "arn:aws:s3:::{data}/labeling/v1/1.jpg"
        yield Operation(f"{verb} the data that is to be labeled", action, resource)
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
