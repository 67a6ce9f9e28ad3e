"""The two ways a job ends early on purpose."""


class InputError(Exception):
    """The data, a hyperparameter or an argument is wrong: one sentence that names the column, file or setting."""


class Stopped(Exception):  # noqa: N818 - it is a request (SIGTERM), not an error of the program
    """The job was asked to stop before it had anything worth keeping."""
