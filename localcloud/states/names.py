"""Names that Step Functions takes. Source: API reference of `StartExecution`, `name`."""

import re
from typing import Final

from localsagemaker.errors import ServiceError

NAME: Final = re.compile(r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff]{1,80}""")


def require_name(name: object) -> None:
    """Raise `ServiceError("InvalidName")` for a name that AWS refuses."""
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        raise ServiceError("InvalidName", f"Invalid Name: '{name}'")
