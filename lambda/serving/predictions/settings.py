"""Settings of the predictions: environment variables, read once."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ReviewSettings:
    """Which predictions people may review, and where these are written down."""

    bucket: str
    prefix: str
    below: float
    share: float


@dataclass(frozen=True)
class Settings:
    """Which endpoint is asked, the media types that its model takes, and whether people review what it says."""

    endpoint: str
    content_types: tuple[str, ...]
    reviews: ReviewSettings | None = None

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read ENDPOINT_NAME, and CONTENT_TYPES with commas between; REVIEW_… where people review predictions."""
        reviews = None
        if bucket := environment.get("REVIEW_BUCKET"):
            below, share = (float(environment[name]) for name in ("REVIEW_BELOW", "REVIEW_SHARE"))
            reviews = ReviewSettings(bucket, environment["REVIEW_PREFIX"], below, share)
        return cls(environment["ENDPOINT_NAME"], tuple(environment["CONTENT_TYPES"].split(",")), reviews)
