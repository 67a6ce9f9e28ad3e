"""A row of the access matrix."""

from dataclasses import dataclass, replace

IMPLIED = {
    "list the data bucket": {"list the data that is to be labeled"},
    "put events on the account's bus": {"tell of the ends of labeling jobs"},
    "see the data key": {"see the data key through DynamoDB"},
    "see the network": {"see network interfaces"},
    "write the data that is to be labeled": {"write pictures that are reviewed"},
}
"""What somebody who may do the first may do as well."""
OF_A_NETWORK = frozenset(
    {
        *("see the network", "use the network", "delete its network interfaces", "lend network interfaces"),
        *("see network interfaces", "let Lambda keep network interfaces"),
        *("log in to packages", "install packages", "get a token for packages"),
    }
)
"""What is done in closed networks alone: keeping interfaces in them, and installing packages of their own."""


@dataclass(frozen=True)
class Workload:
    """One role, and all that it may do. Its calls come from `inside` the closed network or from AWS's own.

    Who is inside is `bound` to it, so that it reaches data from nowhere else, unless AWS uses its role too.
    """

    stack: str
    description: str
    may: frozenset[str]
    inside: bool = False
    bound: bool = False
    passing: bool = False
    """Whether only some environments have it: what cleans up is there where nothing is kept, or where it is."""

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"{self.stack}: {self.description}"

    def outside(self) -> "Workload":
        """Return its row in a sandbox, where nothing is inside a network."""
        return replace(self, may=self.may - OF_A_NETWORK, inside=False, bound=False)


def workload(
    stack: str,
    description: str,
    *may: set[str],
    inside: bool = False,
    bound: bool | None = None,
    passing: bool = False,
) -> Workload:
    """Return a workload that may do all of these."""
    held = set().union(*may)
    for name in held & IMPLIED.keys():
        held |= IMPLIED[name]
    bound = inside if bound is None else bound
    return Workload(stack, description, frozenset(held), inside=inside, bound=bound, passing=passing)
