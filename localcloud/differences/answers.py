"""Where the local cloud answers otherwise than documented, and why it is left so."""

NOT_PROVIDED = (
    "what the local SageMaker does not provide it refuses by name, also where AWS would say that nothing is there"
)

DIFFERENCES = {
    **dict.fromkeys(
        (
            "a serverless variant of 1024 MB and 200 at once",
            "capture of every request",
            "DescribeTransformJob of nothing",
            "DescribeHyperParameterTuningJob of nothing",
            "DescribeAutoMLJobV2 of nothing",
            "DescribeMonitoringSchedule of nothing",
            "DescribeDataQualityJobDefinition of nothing",
            "DescribeImage of nothing",
            "DescribeAppImageConfig of nothing",
            "DescribeCodeRepository of nothing",
            "describe a human task UI that is not there",
            "describe a work team that is not there",
        ),
        NOT_PROVIDED,
    ),
    "a feature group is Creating at first": "the stores of a feature group are there at once, so it is Created at once",
    "a dashboard named impossibly": "dashboards are kept as they come",
}
