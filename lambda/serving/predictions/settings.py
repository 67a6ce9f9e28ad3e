"""Settings of the predictions: environment variables, read once."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Which endpoint is asked, and the media types that its model takes."""

    endpoint: str
    content_types: tuple[str, ...]

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read ENDPOINT_NAME, and CONTENT_TYPES with commas between."""
        return cls(environment["ENDPOINT_NAME"], tuple(environment["CONTENT_TYPES"].split(",")))
