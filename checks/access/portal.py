"""The portal of those who label, and the people in its pool: what could be done to them, and who may."""

from collections.abc import Iterator, Sequence
from typing import Final

from checks.access.labeling import acts_on_tasks, keeps, reads_of
from checks.access.operation import Operation, log_owners
from checks.access.policies import Environment as Policies
from checks.access.rights import FUNCTION, TRACED
from checks.access.serving import GATEWAY_LOGS
from checks.access.trained import Trained
from checks.access.workload import Workload, workload
from stacks.labeling_settings import Labeling

SIGN_IN: Final = {
    "begin the sign-in of a person who labels": "AdminInitiateAuth",
    "go on with the sign-in of a person who labels": "AdminRespondToAuthChallenge",
}
OF_PEOPLE: Final = {
    "invite somebody who labels": "AdminCreateUser",
    "set the password of somebody who labels": "AdminSetUserPassword",
    "let somebody who labels forget their password": "AdminResetUserPassword",  # pragma: allowlist secret
    "change what is known of somebody who labels": "AdminUpdateUserAttributes",
    "take the second factor of somebody who labels away": "AdminSetUserMFAPreference",
    "see somebody who labels": "AdminGetUser",
    "disable somebody who labels": "AdminDisableUser",
    "delete somebody who labels": "AdminDeleteUser",
    "end the sessions of somebody who labels": "AdminUserGlobalSignOut",
    "put somebody into a team": "AdminAddUserToGroup",
    "take somebody out of a team": "AdminRemoveUserFromGroup",
    "list those who label": "ListUsers",
    "list a team": "ListUsersInGroup",
}
OF_THE_POOL: Final = {
    "make a team": "CreateGroup",
    "delete a team": "DeleteGroup",
    "change the pool of those who label": "UpdateUserPool",
    "delete the pool of those who label": "DeleteUserPool",
    "add a way into the pool": "CreateUserPoolClient",
    "change the way into the pool": "UpdateUserPoolClient",
    "give the pool a domain": "CreateUserPoolDomain",
    "let others say who people are": "CreateIdentityProvider",
}
FUNCTIONS: Final = {
    "hand out tasks in somebody's name": "worker",
    "lead jobs in somebody's name": "lead",
    "sign somebody in past the API": "sign_in",
    "serve the page past the API": "page",
}


def operations() -> Iterator[Operation]:
    """Yield what could be done to the people, to their pool, and past the API."""
    for name, action in {**SIGN_IN, **OF_PEOPLE, **OF_THE_POOL}.items():
        yield Operation(name, f"cognito-idp:{action}", "{labeling_people}")
    for name, part in FUNCTIONS.items():
        yield Operation(name, "lambda:InvokeFunction", f"{{portal_{part}}}")


def names(policies: Policies) -> dict[str, str]:
    """Return the ARNs that the operations name."""
    made = {"worker": "Worker", "lead": "Lead", "sign_in": "SignIn", "page": "Page"}
    functions = {
        f"portal_{part}": policies.arn("labeling", "AWS::Lambda::Function", f"Portal{name}")
        for part, name in made.items()
    }
    return functions | {"labeling_people": policies.arn("labeling", "AWS::Cognito::UserPool")}


def workloads(labeling: Labeling, systems: Sequence[Trained]) -> Iterator[Workload]:
    """Yield the rows of the functions: two act on tasks, one asks the pool, one does nothing but answer."""
    hands_out = "Hands out tasks of labeling jobs, and takes what people do with them"
    acts = acts_on_tasks() | keeps() | FUNCTION | TRACED
    yield workload("labeling", hands_out, acts, reads_of(labeling, systems), inside=True)
    leads, named = "Shows who leads labeling jobs how they go, and does what they decide", {"list those who label"}
    yield workload("labeling", leads, acts, reads_of(labeling, systems), named, inside=True)
    yield workload("labeling", "Signs in people who label", FUNCTION | TRACED, set(SIGN_IN), inside=True)
    yield workload("labeling", "Serves the page of people who label", FUNCTION | TRACED, inside=True)
    kept = {f"write logs of {kind}" for kind in log_owners()}
    yield workload("labeling", "Writes the logs of API Gateway", GATEWAY_LOGS, kept)
