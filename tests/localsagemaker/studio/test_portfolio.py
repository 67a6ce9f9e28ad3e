"""The switch for projects in Studio."""

from tests.localsagemaker.fakes import Call


def test_the_portfolio_is_enabled_and_disabled(call: Call) -> None:
    status = "GetSagemakerServicecatalogPortfolioStatus"
    assert call(status) == {"Status": "Disabled"}
    call("EnableSagemakerServicecatalogPortfolio")
    assert call(status) == {"Status": "Enabled"}
    call("DisableSagemakerServicecatalogPortfolio")
    assert call(status) == {"Status": "Disabled"}
