"""Whether a pattern of a policy stands for an action, an ARN or a text."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Context = Mapping[str, str | list[str]]
VARIABLE = re.compile(r"\$\{([^}]*)\}")
LITERALS = {"*": "\\*", "?": "\\?", "$": "$"}
"""What `${*}`, `${?}` and `${$}` stand for: these characters themselves."""
PARTS_OF_AN_ARN = 6


@lru_cache(maxsize=65536)
def _expression(pattern: str, *, ignores_case: bool = False) -> re.Pattern[str]:
    """Return `*` as any characters and `?` as one of them; what stands behind a backslash stands for itself."""
    tokens = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    text = "".join(wild.get(token) or re.escape(token.removeprefix("\\")) for token in tokens)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignores_case else 0))


@lru_cache(maxsize=65536)
def is_action(pattern: str, action: str) -> bool:
    """Return whether a pattern of actions stands for one; capitals do not count."""
    return _expression(pattern, ignores_case=True).fullmatch(action) is not None


@lru_cache(maxsize=65536)
def is_like(pattern: str, text: str) -> bool:
    """Return whether a text is like a pattern."""
    return _expression(pattern).fullmatch(text) is not None


@lru_cache(maxsize=65536)
def is_arn(pattern: str, arn: str) -> bool:
    """Return whether a pattern of ARNs stands for one.

    A wildcard stays within its part between colons; one that ends its part may go on behind the colon. AWS's guide
    asks for no wildcard in the type of a resource, and does not say what one means there: here it stands for every
    type, as in AWS's own policies, so that what is denied is denied either way.
    """
    if pattern == "*":
        return True
    *head, rest = pattern.split(":", PARTS_OF_AN_ARN - 1)
    parts = [re.escape(part).replace(r"\*", "[^:]*").replace(r"\?", "[^:]") for part in head]
    parts = [f"{part[: -len('[^:]*')]}.*" if part.endswith("[^:]*") else part for part in parts]
    return re.fullmatch(":".join([*parts, _expression(rest).pattern]), arn, re.DOTALL) is not None


def is_arn_part_by_part(pattern: str, arn: str) -> bool:
    """Return whether an ARN is like a pattern as the operator `ArnLike` says: each of six parts by itself."""
    wanted, given = pattern.split(":", PARTS_OF_AN_ARN - 1), arn.split(":", PARTS_OF_AN_ARN - 1)
    return len(wanted) == len(given) and all(map(is_like, wanted, given))


def resolve(pattern: str, context: Context) -> str | None:
    """Return a pattern with its variables replaced, whose characters then stand for themselves; none where one lacks.

    `${key, 'default'}` stands for its default where the request has no such key.
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = (part.strip() for part in found[1].partition(","))
        if name in LITERALS:
            return LITERALS[name]
        given = context.get(name.lower())
        if given is None and default:
            given = default.strip("'")
        if not isinstance(given, str):  # neither is a list allowed in a variable
            missing = True
            return ""
        return re.sub(r"([*?\\])", r"\\\1", given)

    resolved = VARIABLE.sub(value, pattern)
    return None if missing else resolved


def any_of(value: object, matches: Callable[[str], bool]) -> bool:
    """Return whether a member of a statement, a text or a list of texts, has one that `matches`."""
    return any(matches(str(each)) for each in (value if isinstance(value, list) else [value]))
