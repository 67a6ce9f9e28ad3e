"""The hooks into MiniStack are declared: each says what it is for, and one that does not fit is named."""

from typing import Any

import pytest

from localcloud import ministack


def test_a_hook_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []

    def missing() -> None:
        raise AttributeError("module 'ministack.app' has no attribute '_gone'")

    def declared(_: Any) -> list[ministack.Hook]:
        return [
            ministack.Hook("buckets keep their tags", lambda: installed.append("tags")),
            ministack.Hook("functions use their own packages", missing),
            ministack.Hook("never reached", lambda: installed.append("never")),
        ]

    monkeypatch.setattr(ministack, "hooks", declared)
    with pytest.raises(ministack.HookError, match="does not take this hook: functions use their own packages"):
        ministack.install(None)  # type: ignore[arg-type] # the declared hooks need nothing of it
    assert installed == ["tags"]
