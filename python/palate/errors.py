"""What is raised beside ValueError, for values and data that cannot be used, and OSError."""


class UnknownId(KeyError):
    """A user or an item that the model does not know."""

    def __str__(self):
        return self.args[0]


class ModelFileError(ValueError):
    """A file that is damaged, or is no model."""


class Diverged(ArithmeticError):
    """Training left the finite numbers; the message says what to try."""
