import aws_cdk as cdk
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.dead_letters import dead_letters


def test_one_message_raises_the_alarm_and_none_is_lost_for_a_fortnight(stack: cdk.Stack) -> None:
    dead_letters(stack, "Undelivered", what="Events")
    template = Template.from_stack(stack)
    ((queue, properties),) = template.find_resources("AWS::SQS::Queue").items()
    assert properties["Properties"] == {"MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": True}
    template.resource_count_is("AWS::CloudWatch::Alarm", 1)
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}],
            "Statistic": "Maximum",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
            "EvaluationPeriods": 1,
            "TreatMissingData": "notBreaching",
            "AlarmDescription": Match.any_value(),
        },
    )
