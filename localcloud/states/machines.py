"""Operations on state machines, and on their versions and aliases."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from localcloud.states import definitions
from localcloud.states.definitions import Grammar
from localcloud.states.names import require_name
from localcloud.states.records import NO_LOGS, OWN_KEY, Alias, Machine, Revision, Store, Stores, page, require_arn
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller
from localsagemaker.kernel.requests import Request
from localsagemaker.kernel.resources import now

Answer = dict[str, Any]
Operation = Callable[[Request], Answer]
DATA_KEY_SECONDS: Final = 300
"""How long a data key is used, unless it is said (developer guide, "Data at rest encryption")."""
NO_DESTINATION: Final = "Invalid Logging Configuration: Must specify exactly one Log Destination."


class Machines:
    """State machines. `require_role` raises `ServiceError` unless a caller may give a machine (ARN) that role."""

    def __init__(
        self, stores: Stores, grammar: Callable[[], Grammar], require_role: Callable[[Caller, str, str], None]
    ) -> None:
        self._stores, self._grammar, self._require_role = stores, grammar, require_role

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateStateMachine": self.create,
            "UpdateStateMachine": self.update,
            "DeleteStateMachine": self.delete,
            "DescribeStateMachine": self.describe,
            "ListStateMachines": self.list,
            "ValidateStateMachineDefinition": self.validate,
            "PublishStateMachineVersion": self.publish,
            "DeleteStateMachineVersion": self.delete_version,
            "ListStateMachineVersions": self.list_versions,
            "CreateStateMachineAlias": self.create_alias,
            "UpdateStateMachineAlias": self.update_alias,
            "DeleteStateMachineAlias": self.delete_alias,
            "DescribeStateMachineAlias": self.describe_alias,
            "ListStateMachineAliases": self.list_aliases,
        }

    def create(self, request: Request) -> Answer:
        """Make a state machine; the same request again finds it."""
        given, store = request.parameters, self._stores[request.scope]
        name, kind = given["name"], given.get("type", "STANDARD")
        require_name(name)
        _require_published(given)
        arn = store.arn("stateMachine", name)
        revision = Revision(
            given["definition"],
            given["roleArn"],
            _logging(given.get("loggingConfiguration")),
            given.get("tracingConfiguration") or {"enabled": False},
            _encryption(given.get("encryptionConfiguration")),
        )
        definitions.require(revision.definition, kind, self._grammar())
        if known := store.machines.get(arn):
            if known.kind != kind or replace(known.revision, role=revision.role, id=revision.id) != revision:
                raise ServiceError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
            return {"stateMachineArn": arn, "creationDate": known.created}
        self._require_role(request.caller, revision.role, arn)
        machine = Machine(arn, name, kind, revision)
        machine.tags.update({tag["key"]: tag["value"] for tag in given.get("tags", ())})
        store.machines[arn] = machine
        answer = {"stateMachineArn": arn, "creationDate": machine.created}
        if given.get("publish"):
            answer["stateMachineVersionArn"] = machine.publish(given.get("versionDescription")).arn
        return answer

    def update(self, request: Request) -> Answer:
        """Change a state machine; executions that run keep the definition and role that they began with."""
        given = request.parameters
        machine = self._stores[request.scope].machine(given["stateMachineArn"])
        _require_published(given)
        fields = {"definition": "definition", "roleArn": "role", "tracingConfiguration": "tracing"}
        changes = {field: given[member] for member, field in fields.items() if member in given}
        if "loggingConfiguration" in given:
            changes["logging"] = _logging(given["loggingConfiguration"])
        if "encryptionConfiguration" in given:
            changes["encryption"] = _encryption(given["encryptionConfiguration"])
        if not changes:
            raise ServiceError(
                "MissingRequiredParameter",
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be "
                "specified",
            )
        if "definition" in changes:
            definitions.require(changes["definition"], machine.kind, self._grammar())
        if "role" in changes:
            self._require_role(request.caller, changes["role"], machine.arn)
        machine.change(**changes)
        answer: Answer = {"updateDate": now()}
        if machine.revision.id:
            answer["revisionId"] = machine.revision.id
        if given.get("publish"):
            answer["stateMachineVersionArn"] = machine.publish(given.get("versionDescription")).arn
        return answer

    def delete(self, request: Request) -> Answer:
        """Delete a state machine with its versions and aliases; executions that run go on."""
        arn = request.parameters["stateMachineArn"]
        require_arn(arn)
        self._stores[request.scope].machines.pop(arn, None)
        return {}

    def describe(self, request: Request) -> Answer:
        """Describe a state machine, or one of its versions."""
        store, arn = self._stores[request.scope], request.parameters["stateMachineArn"]
        if found := store.version(arn):
            machine, version = found
            described = self._describe(machine, version.revision, arn, version.created)
            return described | ({"description": version.description} if version.description else {})
        machine = store.machine(arn)
        return self._describe(machine, machine.revision, arn, machine.created)

    def _describe(self, machine: Machine, revision: Revision, arn: str, created: Any) -> Answer:  # noqa: ANN401 - a time
        variables = self._grammar().variables(revision.definition)
        return {
            "stateMachineArn": arn,
            "name": machine.name,
            "status": "ACTIVE",
            "definition": revision.definition,
            "roleArn": revision.role,
            "type": machine.kind,
            "creationDate": created,
            "loggingConfiguration": revision.logging,
            "tracingConfiguration": revision.tracing,
            "encryptionConfiguration": revision.encryption,
            **({"revisionId": revision.id} if revision.id else {}),
            **({"variableReferences": variables} if variables else {}),
        }

    def list(self, request: Request) -> Answer:
        """List state machines by name."""
        machines = sorted(self._stores[request.scope].machines.values(), key=lambda machine: machine.name)
        items = [
            {"stateMachineArn": m.arn, "name": m.name, "type": m.kind, "creationDate": m.created} for m in machines
        ]
        return _paged("stateMachines", items, request, "stateMachineArn")

    def validate(self, request: Request) -> Answer:
        """Say what is wrong with a definition."""
        given = request.parameters
        found = definitions.diagnose(given["definition"], given.get("type", "STANDARD"), self._grammar())
        most = given.get("maxResults") or 100
        listed = [
            {
                "severity": "ERROR",
                "code": item.code,
                "message": item.message,
                **({"location": item.location} if item.location else {}),
            }
            for item in found
        ]
        return {"result": "FAIL" if found else "OK", "diagnostics": listed[:most], "truncated": len(listed) > most}

    def publish(self, request: Request) -> Answer:
        """Publish a version of a state machine."""
        given = request.parameters
        machine = self._stores[request.scope].machine(given["stateMachineArn"])
        wanted, current = given.get("revisionId"), machine.revision.id
        if wanted is not None and wanted != current:
            raise ServiceError(
                "ConflictException",
                f"Failed to publish the State Machine version for revision {wanted}. The current State Machine "
                f"revision is {current}.",
            )
        version = machine.publish(given.get("description"))
        return {"stateMachineVersionArn": version.arn, "creationDate": version.created}

    def delete_version(self, request: Request) -> Answer:
        """Delete a version that no alias routes to."""
        arn = request.parameters["stateMachineVersionArn"]
        require_arn(arn)
        if found := self._stores[request.scope].version(arn):
            machine, _ = found
            aliases = [alias.name for alias in machine.aliases.values() if alias.routes_to(arn)]
            if aliases:
                raise ServiceError(
                    "ConflictException",
                    "Version to be deleted must not be referenced by an alias. Current list of aliases referencing "
                    f"this version: [{', '.join(aliases)}]",
                )
            del machine.versions[arn]
        return {}

    def list_versions(self, request: Request) -> Answer:
        """List the versions of a state machine, the latest first."""
        machine = _listed(self._stores[request.scope], request)
        items = [{"stateMachineVersionArn": v.arn, "creationDate": v.created} for v in machine.versions.values()]
        return _paged("stateMachineVersions", items[::-1], request, "stateMachineVersionArn")

    def create_alias(self, request: Request) -> Answer:
        """Make an alias of versions; the same request again finds it."""
        given, store = request.parameters, self._stores[request.scope]
        machine = _routed(store, given["routingConfiguration"])
        arn = f"{machine.arn}:{given['name']}"
        alias = Alias(arn, given["name"], given.get("description"), given["routingConfiguration"])
        known = machine.aliases.setdefault(arn, alias)
        if (known.routes, known.description) != (alias.routes, alias.description):
            raise ServiceError(
                "ConflictException",
                "Failed to create alias because an alias with the same name and a different routing configuration "
                "already exists.",
            )
        return {"stateMachineAliasArn": arn, "creationDate": known.created}

    def update_alias(self, request: Request) -> Answer:
        """Change what an alias routes to, or its description."""
        given, store = request.parameters, self._stores[request.scope]
        routes, description = given.get("routingConfiguration"), given.get("description")
        if routes is None and description is None:
            raise ServiceError(
                "MissingRequiredParameter", "Either the description or the RoutingConfiguration must be specified"
            )
        if routes is not None:
            _routed(store, routes)
        alias = _alias(store, given["stateMachineAliasArn"])
        alias.routes = alias.routes if routes is None else routes
        alias.description = alias.description if description is None else description
        alias.updated = now()
        return {"updateDate": alias.updated}

    def delete_alias(self, request: Request) -> Answer:
        """Delete an alias."""
        arn = request.parameters["stateMachineAliasArn"]
        require_arn(arn)
        if found := self._stores[request.scope].alias(arn):
            machine, _ = found
            del machine.aliases[arn]
        return {}

    def describe_alias(self, request: Request) -> Answer:
        """Describe an alias."""
        alias = _alias(self._stores[request.scope], request.parameters["stateMachineAliasArn"])
        return {
            "stateMachineAliasArn": alias.arn,
            "name": alias.name,
            "routingConfiguration": alias.routes,
            "creationDate": alias.created,
            "updateDate": alias.updated or alias.created,
            **({"description": alias.description} if alias.description is not None else {}),
        }

    def list_aliases(self, request: Request) -> Answer:
        """List the aliases of a state machine."""
        machine = _listed(self._stores[request.scope], request)
        items = [{"stateMachineAliasArn": a.arn, "creationDate": a.created} for a in machine.aliases.values()]
        return _paged("stateMachineAliases", items, request, "stateMachineAliasArn")


def _paged(member: str, items: "list[Any]", request: Request, arn: str) -> Answer:
    found, token = page(items, request.parameters, arn)
    return {member: found, **({"nextToken": token} if token else {})}


def _listed(store: Store, request: Request) -> Machine:
    arn = request.parameters["stateMachineArn"]
    require_arn(arn)
    if arn not in store.machines:
        raise ServiceError("InvalidArn", f"Invalid arn: {arn}")
    return store.machines[arn]


def _alias(store: Store, arn: str) -> Alias:
    require_arn(arn)
    found = store.alias(arn)
    if found is None:
        raise ServiceError("ResourceNotFound", "Request references a resource that does not exist.")
    return found[1]


def _routed(store: Store, routes: "list[Mapping[str, Any]]") -> Machine:
    """Return the state machine whose versions an alias routes to."""
    arns, weights = [r["stateMachineVersionArn"] for r in routes], [r["weight"] for r in routes]
    listed = f"[{', '.join(arns)}]"
    if len(set(arns)) < len(arns):
        raise ServiceError(
            "ValidationException",
            f"Routing configuration must contain distinct state machine version ARNs. Received: {listed}",
        )
    if sum(weights) != 100:  # noqa: PLR2004 - per cent
        raise ServiceError(
            "ValidationException",
            f"Sum of routing configuration weights must equal 100. Received: {json.dumps(weights)}",
        )
    found = [store.version(arn) for arn in arns]
    machines = {version[0].arn: version[0] for version in found if version}
    if None in found or len(machines) != 1:
        raise ServiceError(
            "ValidationException", f"Routing configuration must contain state machine version ARNs. Received: {listed}"
        )
    return machines.popitem()[1]


def _require_published(given: Mapping[str, Any]) -> None:
    if given.get("versionDescription") and not given.get("publish"):
        raise ServiceError("ValidationException", "Version description can only be set when publish is true")


def _logging(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return a logging configuration with its defaults. Raises `ServiceError("InvalidLoggingConfiguration")`."""
    given = given or {}
    destinations, level = given.get("destinations") or [], given.get("level") or "OFF"
    if len(destinations) > 1 or (level != "OFF" and not destinations):
        raise ServiceError("InvalidLoggingConfiguration", NO_DESTINATION)
    return {**NO_LOGS, **given, "level": level, "includeExecutionData": bool(given.get("includeExecutionData"))}


def _encryption(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return an encryption configuration with its defaults. Raises `ServiceError("InvalidEncryptionConfiguration")`."""
    if not given or given["type"] == OWN_KEY["type"]:
        if given and given.keys() - {"type"}:
            raise ServiceError("InvalidEncryptionConfiguration", f"{OWN_KEY['type']} takes no kmsKeyId and no period.")
        return OWN_KEY
    if not given.get("kmsKeyId"):
        raise ServiceError("InvalidEncryptionConfiguration", f"{given['type']} needs a kmsKeyId.")
    return {"kmsDataKeyReusePeriodSeconds": DATA_KEY_SECONDS, **given}
