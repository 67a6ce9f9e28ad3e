"""What services do with the rights of their callers."""

from account.sessions import FORWARDED, by_service, in_callers_name

PLACE = {"region": "eu-west-1", "account": "111111111111"}


def test_an_operation_says_what_it_does_in_its_caller_s_name() -> None:
    target = {**PLACE, "ResourceId": "endpoint/dev-fraud/variant/AllTraffic"}
    alarms = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:TargetTracking-endpoint/dev-fraud/variant/AllTraffic-"
    found = list(in_callers_name("application-autoscaling:DeregisterScalableTarget", **target))
    assert found == [("cloudwatch:DeleteAlarms", alarms)]
    update = list(in_callers_name("sagemaker:UpdateEndpoint", **PLACE, AlarmName="errors"))
    assert update == [("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:errors")]
    assert not list(in_callers_name("sagemaker:DescribeEndpoint", **PLACE))


def test_every_line_has_a_reason_and_a_source() -> None:
    assert not [each for each in FORWARDED if not (each.why.endswith(".") and each.source)]
    assert by_service()["sts:GetServiceBearerToken"] == "CodeArtifact makes its token in the caller's name."
