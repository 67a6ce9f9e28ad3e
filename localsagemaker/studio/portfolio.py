"""Whether Studio may use projects of Service Catalog: a switch of an account, which no project here follows."""

from typing import TYPE_CHECKING

from localsagemaker.kernel.requests import Handler, Request

if TYPE_CHECKING:
    from localsagemaker.kernel.host import Scope


class Portfolio:
    """Amazon SageMaker's portfolio in Service Catalog, enabled or not."""

    def __init__(self) -> None:
        self._enabled: set[Scope] = set()

    def operations(self) -> dict[str, Handler]:
        """Return every operation on the portfolio."""
        return {
            "EnableSagemakerServicecatalogPortfolio": self._enable,
            "DisableSagemakerServicecatalogPortfolio": self._disable,
            "GetSagemakerServicecatalogPortfolioStatus": self._tell,
        }

    def _enable(self, request: Request) -> dict[str, str]:
        self._enabled.add(request.scope)
        return {}

    def _disable(self, request: Request) -> dict[str, str]:
        self._enabled.discard(request.scope)
        return {}

    def _tell(self, request: Request) -> dict[str, str]:
        return {"Status": "Enabled" if request.scope in self._enabled else "Disabled"}
