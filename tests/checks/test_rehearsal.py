"""The guide to rehearsing other apps says what the local cloud holds."""

from checks.rehearsal import PAGE, page, tables


def test_the_page_is_what_the_code_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "run python -m checks.rehearsal"


def test_the_tables_hold_what_an_app_needs() -> None:
    found = tables()
    assert "`AWS::EC2::NatGateway`" in found["recorded"]
    assert "| SageMaker | " in found["created"]
    assert "Endpoint, EndpointConfig" in found["created"]
    assert "Cognito" in found["open"]
