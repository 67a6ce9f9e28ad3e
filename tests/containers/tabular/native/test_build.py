"""The core where nothing can compile it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tabular.native.build import build

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_compiler_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="There is no C compiler: install cc, or the package ziglang"):
        build(tmp_path / "libcore.so")
    assert not list(tmp_path.iterdir())
