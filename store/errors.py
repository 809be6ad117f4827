"""What a store can refuse, each with the next step for the person who reads it."""


class StoreError(Exception):
    """Base of everything the store refuses on purpose."""


class Unavailable(StoreError):
    """The world is at fault (disk full, database locked, provider down): try again later, nothing was lost."""


class LeaseLost(StoreError):
    """Another worker holds the task now (its fencing token is newer): drop the work, commit nothing."""


class NotFound(StoreError):
    """No such job, blob or example in this store: check the id with `pagetrail jobs`."""


class Conflict(StoreError):
    """The record is not in the state the caller expects: read it again, then decide."""


class BudgetReached(StoreError):
    """The call would cost more than a budget leaves: do without it, or raise the budget."""

    def __init__(self, whose: str, what: str, cap: float, spent: float) -> None:
        super().__init__(f"the {what} of the {whose} are used up: {spent:g} of {cap:g}")
        self.whose = whose
        """`job` or `tenant`."""
        self.what = what
        """`dollars`, `tokens` or `seconds`."""
        self.cap = cap
        self.spent = spent
