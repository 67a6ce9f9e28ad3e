"""Functions."""

import io
import zipfile

from tests.localcloud.answers.case import Case, call, refuses, shows
from tests.localcloud.answers.sources import (
    OF_LAMBDA,
    RECORDED,
)

LAMBDA = RECORDED + "lambda_/test_lambda_api.snapshot.json: "

MISSING = "ResourceNotFoundException"


def zipped(source: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("index.py", source)
    return made.getvalue()


FUNCTION = call(
    "lambda.CreateFunction",
    FunctionName="<id>",
    Runtime="python3.13",
    Role="<role>",
    Handler="index.handler",
    Code={"ZipFile": zipped("def handler(event, context):\n    raise ValueError('no')\n")},
)

NO_FUNCTION = "^Function not found: arn:aws:lambda:<region>:<account>:function:<id>"

FUNCTIONS = (
    *(
        refuses(
            f"{operation} of nothing",
            LAMBDA + "test_ops_on_nonexisting_fn: ResourceNotFoundException, Function not found: arn:…",
            MISSING,
            NO_FUNCTION,
            call(f"lambda.{operation}", FunctionName="<id>"),
        )
        for operation in ("GetFunction", "DeleteFunction", "Invoke")
    ),
    refuses(
        "a function twice",
        OF_LAMBDA + "CreateFunction errors ResourceConflictException; words: Function already exist: <name>",
        "ResourceConflictException",
        "^Function already exist: <id>$",
        FUNCTION,
        FUNCTION,
    ),
    refuses(
        "a version that is not there",
        LAMBDA + "test_ops_on_nonexisting_version[get_function]: Function not found: arn:…:function:<fn-name>:1221",
        MISSING,
        NO_FUNCTION + ":1221$",
        FUNCTION,
        call("lambda.GetFunction", FunctionName="<id>", Qualifier="1221"),
    ),
    refuses(
        "a permission that is not there",
        LAMBDA + "test_remove_multi_permissions: Statement non-existent is not found in resource policy.",
        MISSING,
        r"^Statement none is not found in resource policy\.$",
        FUNCTION,
        call(
            "lambda.AddPermission",
            FunctionName="<id>",
            StatementId="s",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        ),
        call("lambda.RemovePermission", FunctionName="<id>", StatementId="none"),
    ),
    refuses(
        "no settings for its invocations",
        LAMBDA + "test_lambda_eventinvokeconfig_exceptions: You must specify at least one of error handling or "
        "destination setting.",
        "InvalidParameterValueException",
        r"^You must specify at least one of error handling or destination setting\.$",
        FUNCTION,
        call("lambda.PutFunctionEventInvokeConfig", FunctionName="<id>"),
    ),
    shows(
        "a function's settings",
        OF_LAMBDA + "CreateFunction Timeout: The default is 3 seconds; MemorySize: The "
        "default value is 128 MB; EphemeralStorage: The default value is 512; PackageType, Architectures: The default "
        "value is x86_64; TracingConfig",
        {
            "Configuration.Timeout": 3,
            "Configuration.MemorySize": 128,
            "Configuration.EphemeralStorage.Size": 512,
            "Configuration.PackageType": "Zip",
            "Configuration.Architectures": ["x86_64"],
            "Configuration.TracingConfig.Mode": "PassThrough",
            "Configuration.Version": "$LATEST",
        },
        FUNCTION,
        call("lambda.GetFunction", FunctionName="<id>"),
    ),
    shows(
        "a function that raises",
        OF_LAMBDA + "InvocationResponse FunctionError: If present, indicates that an "
        "error occurred during function execution; StatusCode 200",
        {"StatusCode": 200, "FunctionError": "Unhandled", "ExecutedVersion": "$LATEST"},
        FUNCTION,
        call("lambda.Invoke", FunctionName="<id>"),
    ),
    shows(
        "an asynchronous invocation",
        OF_LAMBDA + "InvocationResponse StatusCode: For the Event invocation type, this status code is 202",
        {"StatusCode": 202},
        FUNCTION,
        call("lambda.Invoke", FunctionName="<id>", InvocationType="Event"),
    ),
)


CASES: tuple[Case, ...] = FUNCTIONS
