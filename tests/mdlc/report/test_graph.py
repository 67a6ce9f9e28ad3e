from mdlc.report.graph import Edge, Node, read


def get(step: str) -> dict[str, str]:
    return {"Get": f"Steps.{step}.Properties"}


DEFINITION = {
    "Steps": [
        {"Name": "Prepare", "Type": "Processing", "Arguments": {"Image": {"Get": "Parameters.Image"}}},
        {"Name": "Train", "Type": "Training", "Arguments": {"Inputs": [get("Prepare")]}},
        {"Name": "Evaluate", "Type": "Processing", "Arguments": {"Inputs": [get("Train"), get("Prepare")]}},
        {
            "Name": "Check",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [{"LeftValue": {"Std:JsonGet": {"PropertyFile": get("Evaluate"), "Path": "a.b"}}}],
                "IfSteps": [
                    {"Name": "Explain", "Type": "Processing", "Arguments": {"Inputs": [get("Train")]}},
                    {"Name": "Register", "Type": "RegisterModel", "Arguments": {}, "DependsOn": ["Explain"]},
                ],
                "ElseSteps": [{"Name": "Reject", "Type": "Fail", "Arguments": {}}],
            },
        },
    ]
}


def test_columns_follow_what_each_step_waits_for() -> None:
    assert read(DEFINITION).nodes == (
        Node("Prepare", "Processing", 0),
        Node("Train", "Training", 1),
        Node("Evaluate", "Processing", 2),
        Node("Check", "Condition", 3),
        Node("Explain", "Processing", 4),
        Node("Register", "RegisterModel", 5),
        Node("Reject", "Fail", 4),
    )


def test_edges_that_others_imply_are_left_out() -> None:
    assert set(read(DEFINITION).edges) == {
        Edge("Prepare", "Train"),
        Edge("Train", "Evaluate"),
        Edge("Evaluate", "Check"),
        Edge("Check", "Explain", "if"),
        Edge("Explain", "Register"),
        Edge("Check", "Reject", "else"),
    }


def test_an_empty_definition_is_an_empty_graph() -> None:
    assert read({}).nodes == ()
