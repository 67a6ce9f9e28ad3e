"""The server's settings from SageMaker's environment variables."""

from __future__ import annotations

import pytest

from contract.cpus import available_cpus
from contract.errors import InputError
from contract.serving.settings import Settings


def test_the_defaults_are_sagemakers() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.body_limit) == ("0.0.0.0", 8080, 6 * 1024 * 1024)
    assert settings.workers == available_cpus()
    assert settings.drain_timeout <= 30


def test_sagemakers_variables_are_honoured() -> None:
    settings = Settings.from_environment(
        {
            "SAGEMAKER_BIND_TO_HOST": "127.0.0.1",
            "SAGEMAKER_BIND_TO_PORT": "9000",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "3",
            "SERVER_REQUEST_TIMEOUT": "2.5",
        }
    )
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 9000, 3)
    assert settings.request_timeout == 2.5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "http"),
        ("SAGEMAKER_BIND_TO_PORT", "70000"),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", "0"),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", "1.5"),
        ("SERVER_DRAIN_TIMEOUT", "31"),
    ],
)
def test_a_wrong_variable_is_named(name: str, text: str) -> None:
    with pytest.raises(InputError, match=f"{name} must be .* not '{text}'"):
        Settings.from_environment({name: text})
