"""GET of the portal's page: the files that lie in the package beside it, each with its headers, and nothing else.

The files stand below a folder that is named after what is in them, so that browsers keep them for good; the page itself
is asked for anew each time, and says where they are.
"""

import json
import mimetypes
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

SITE: Final = "PAGE_FOLDER"
"""The environment variable with the folder of the files, from this package's root."""
INDEX: Final = "portal/index.html"
KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
SCRIPTS: Final = "text/javascript; charset=utf-8"


@dataclass(frozen=True)
class File:
    """A file as it is answered."""

    text: str
    headers: Mapping[str, str]


@cache
def files(folder: Path) -> Mapping[str, File]:
    """Return the files of the page by their paths in addresses, the page itself by the empty one."""
    headers: Mapping[str, Mapping[str, str]] = json.loads((folder / "headers.json").read_text("utf-8"))
    texts = {
        each.relative_to(folder).as_posix(): each.read_text("utf-8")
        for each in sorted(folder.rglob("*"))
        if each.suffix in {".js", ".html", ".css", ".svg"}
    }
    version = sha256(json.dumps([texts, headers], sort_keys=True).encode()).hexdigest()[:16]
    index = texts.pop(INDEX).replace("{version}", version)
    found = {"": File(index, {**headers["page"], "Content-Type": "text/html; charset=utf-8"})}
    for name, text in texts.items():
        kind = "frame" if name == "frame.html" else "file"
        found[f"{version}/{name}"] = File(text, {**headers[kind], **KEPT, "Content-Type": _type(name)})
    return found


def _type(name: str) -> str:
    return SCRIPTS if name.endswith(".js") else f"{mimetypes.guess_type(name)[0]}; charset=utf-8"


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer an API Gateway REST proxy event."""
    asked = str(event["requestContext"]["path"])
    name = str(event["path"]).strip("/")
    if not name and not asked.endswith("/"):
        return _answer(HTTPStatus.FOUND, {"Location": f"{asked}/", "Cache-Control": "no-store"}, "")
    found = files(Path(os.environ["LAMBDA_TASK_ROOT"]) / os.environ[SITE]).get(name)
    if found is None:
        return _answer(
            HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain", "Cache-Control": "no-store"}, "Not found.\n"
        )
    return _answer(HTTPStatus.OK, found.headers, found.text)


def _answer(status: HTTPStatus, headers: Mapping[str, str], body: str) -> dict[str, Any]:
    return {"statusCode": status.value, "headers": dict(headers), "body": body, "isBase64Encoded": False}
