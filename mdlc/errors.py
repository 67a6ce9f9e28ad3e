"""How a command ends badly: one root, each error a sentence that a person can act on, with its exit code."""


class MdlcError(Exception):
    """Everything that mdlc itself gives up for."""

    exit_code = 1


class CommandError(MdlcError):
    """The work failed: the command exits 1."""


class InputError(CommandError):
    """The command was given something that it cannot use: it exits 2 and has changed nothing."""

    exit_code = 2
