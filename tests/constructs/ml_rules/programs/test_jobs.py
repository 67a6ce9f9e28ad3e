"""What the rules of jobs know about instances, beside the table that the constructs read."""

from account.instance_types import has_local_storage, instance_types
from ml_rules.programs.jobs import is_own_disk


def test_names_tell_which_instances_have_disks_of_their_own() -> None:
    """By the naming conventions of EC2 and by its table: one could be wrong, and then they differ."""
    assert [name for name in instance_types() if is_own_disk(name) != has_local_storage(name)] == []
