"""Templates of CloudFormation, as data: what is refused in one, and which of its conditions hold."""
