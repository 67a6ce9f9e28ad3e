"""What awaits a template, before it is deployed."""

from localcloud.readback.preview import UNKNOWN, UNREAD, preview


def test_types_and_properties_of_a_template_have_an_outlook() -> None:
    template = {
        "Resources": {
            "Robot": {"Type": "AWS::RoboMaker::Robot", "Properties": {"Name": "r"}},
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"Status": "ACTIVE"}},
            "One": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "Private", "BucketName": {"Ref": "N"}}},
            "Two": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "x"}}},
        }
    }
    found = preview(template, lambda name: "Robo" not in name, lambda name: "no packets" if "EC2" in name else "")
    assert [(line.type, line.path, line.outlook, line.times, line.reason) for line in found if line.path != "x"] == [
        ("AWS::EC2::VPC", "/CidrBlock", "recorded", 1, "no packets"),
        ("AWS::IoT::Certificate", "/Status", "refused", 1, UNREAD),
        ("AWS::RoboMaker::Robot", "", "refused", 1, UNKNOWN),
        (
            "AWS::S3::Bucket",
            "/AccessControl",
            "recorded",
            1,
            "access control lists are not evaluated: policies decide",
        ),
        ("AWS::S3::Bucket", "/BucketName", "read", 2, ""),
    ]


def test_a_template_without_resources_has_nothing_that_awaits_it() -> None:
    assert preview({"Resources": None}, lambda _: True, lambda _: "") == []
