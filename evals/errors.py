"""What the bench refuses on purpose, each with the next step for the person who reads it."""


class EvalError(Exception):
    """Base: `message` says what is wrong, `advice` what to do next."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(f"{message} {advice}")
        self.message = message
        self.advice = advice


class DatasetError(EvalError):
    """The labelled folder cannot be trusted as it is."""


class RunUnreadable(EvalError):
    """The folder does not hold a finished eval run."""


class CalibrationError(EvalError):
    """The run cannot carry a calibrator: too few rows, too few packets, or scores that are no raw scores."""
