"""Where API Gateway reads the key of a caller: from a header, or from what an authorizer says of them.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html: with AUTHORIZER,
the key is the `usageIdentifierKey` that the function returns beside its policy.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from ministack.services import apigateway_v1 as apigateway

AUTHORIZER: Final = "AUTHORIZER"
KEY: Final = "usageIdentifierKey"
_given: ContextVar[str | None] = ContextVar("given", default=None)


def read_keys() -> None:
    """Read keys from where each API has them."""
    execute, invoke = apigateway._execute_in_scope, apigateway._invoke_authorizer_lambda
    cache, read = apigateway._cache_authorizer_result, apigateway._api_key_from_request
    source: ContextVar[str] = ContextVar("source", default="HEADER")

    async def executed(request: Any, api: str, *given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        source.set((apigateway._rest_apis.get(api) or {}).get("apiKeySource") or "HEADER")
        _given.set(None)
        return await execute(request, api, *given)

    async def invoked(*given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        result = await invoke(*given)
        body = (result or {}).get("body")
        _given.set(body.get(KEY) if isinstance(body, Mapping) else None)
        return result

    def kept(key: Any, expires: float, policy: Any, context: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        kept_one = cache(key, expires, policy, context)
        for stale in _keys.keys() - apigateway._authorizer_cache.keys():
            del _keys[stale]
        _keys[key] = _given.get()
        return kept_one

    def key_of(headers: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        return _given.get() if source.get() == AUTHORIZER else read(headers)

    class Cache(dict):  # type: ignore[type-arg] # as MiniStack's
        """MiniStack's cache of what authorizers said, which tells the caller's key with it."""

        def get(self, key: Any, default: Any = None) -> Any:  # noqa: ANN401 - MiniStack's
            """Return what an authorizer said."""
            _given.set(_keys.get(key))
            return super().get(key, default)

    apigateway._execute_in_scope, apigateway._invoke_authorizer_lambda = executed, invoked
    apigateway._cache_authorizer_result, apigateway._api_key_from_request = kept, key_of
    apigateway._authorizer_cache = Cache()


_keys: dict[Any, str | None] = {}
"""Keys by what MiniStack remembers an authorizer's answer by."""
