"""Errors of commands: one root, each with a sentence that a person can act on, and an exit code."""


class MdlcError(Exception):
    """The root of all errors that mdlc raises itself."""

    exit_code = 1


class CommandError(MdlcError):
    """The work failed: the command exits 1."""


class InputError(CommandError):
    """The command was given something that it cannot use: it exits 2 and has changed nothing."""

    exit_code = 2
