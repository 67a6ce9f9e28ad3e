"""Kinesis of MiniStack: streams of templates are encrypted as they say.

Source: template reference, "AWS::Kinesis::Stream StreamEncryption".
"""

from typing import Any, Final

from ministack.services import kinesis

from localcloud.hooks.stacks import cloudformation

STREAM: Final = "AWS::Kinesis::Stream"


def encrypt_streams() -> None:
    """Start the encryption that a template asks for, and stop one that it asks for no more."""
    cloudformation.after(STREAM, _encrypt)


def _encrypt(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    wanted = properties.get("StreamEncryption")
    if wanted:
        kinesis._start_stream_encryption({"StreamName": name, **wanted})
    else:
        kinesis._stop_stream_encryption({"StreamName": name})
    return {}
