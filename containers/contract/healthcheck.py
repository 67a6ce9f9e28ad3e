"""The health check of a server's container: exit code 0 if /ping answers 200, else 1."""

from __future__ import annotations

import http.client
import sys

from contract.serving.settings import Settings


def main() -> int:
    """Ask /ping once, within two seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", Settings.from_environment().port, timeout=2)
    try:
        connection.request("GET", "/ping")
        return 0 if connection.getresponse().status == http.HTTPStatus.OK else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
