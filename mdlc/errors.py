"""The two ways a command ends badly, each a sentence that a person can act on."""


class CommandError(Exception):
    """The work failed: the command exits 1."""

    exit_code = 1


class InputError(CommandError):
    """The command was given something that it cannot use: it exits 2 and has changed nothing."""

    exit_code = 2
