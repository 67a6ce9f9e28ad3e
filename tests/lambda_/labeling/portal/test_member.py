"""Who asks, as API Gateway hands the claims of a token over."""

import pytest

from worker.member import of_claims


@pytest.mark.parametrize(
    ("groups", "teams"),
    [
        ("birds", {"birds"}),
        ("birds,night-owls", {"birds", "night-owls"}),  # REST APIs: github.com/aws/chalice/issues/783
        ("[birds night-owls]", {"birds", "night-owls"}),  # HTTP APIs
        ("", set()),
        ("birds/../owls", set()),
        ("a_b,ä,birds", {"birds"}),
        ("-birds", set()),
    ],
)
def test_teams_are_groups_of_the_pool(groups: str, teams: set[str]) -> None:
    assert of_claims({"sub": "ada", "cognito:groups": groups}).teams == teams


def test_who_is_in_no_group_is_in_no_team() -> None:
    assert of_claims({"sub": "ada"}).teams == set()
