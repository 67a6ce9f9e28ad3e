"""Settings of the function: environment variables, read once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

PLATFORM = "platform"
"""What stands for a system in a notice that is about none, or about all."""


@dataclass(frozen=True)
class Settings:
    """Where notices go, and which names are an environment's."""

    environment: str
    region: str
    topic: str  # ARN
    table: str
    systems: Mapping[str, str]
    """System by the word that follows the environment in a name: the system's own, or that of one of its stacks."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Read ENVIRONMENT, AWS_REGION, TOPIC_ARN, TABLE_NAME and the JSON object SYSTEMS."""
        return cls(
            environment=environment["ENVIRONMENT"],
            region=environment["AWS_REGION"],
            topic=environment["TOPIC_ARN"],
            table=environment["TABLE_NAME"],
            systems=json.loads(environment["SYSTEMS"]),
        )

    @property
    def prefix(self) -> str:
        """How names begin that are the environment's: those of its stacks, and of all that is made in them."""
        return f"{self.environment}-"

    def owns(self, name: str) -> bool:
        """Return whether a name is one of the environment's."""
        return name.startswith(self.prefix)

    def system_of(self, name: str) -> str:
        """Return the system that a name of the environment's is about, else the platform."""
        return self.systems.get(name.removeprefix(self.prefix).partition("-")[0], PLATFORM)
