"""Sessions that begin while others are looked through."""

import time
from typing import Any

import pytest
from ministack.services import sts

from localcloud.hooks.callers import sessions


def test_a_session_may_begin_while_those_over_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread begins one in between: here the first that is asked for its end does."""
    there: dict[str, Any] = {}

    class Beginning(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            there.setdefault("new", {"Expiration": time.time() + 60})
            return super().get(key, default)

    there |= {"first": Beginning(Expiration=time.time() - 1), "second": {}}
    monkeypatch.setattr(sts, "_sessions", there)
    monkeypatch.setattr(sts, "_evict_expired_sessions", None)
    sessions.end_while_others_begin()
    sts.register_session("third", {})
    assert there.keys() == {"second", "new", "third"}
