"""What can be watched: one way to open a span, one list of names, and the receivers that spans go to.

Off unless the environment names a receiver; then a span costs less than a microsecond and nothing is imported. Words
of a page, of a model or of an error stay here unless they are asked for. No receiver can fail or delay a job.
"""

from tracing.receivers import receiving
from tracing.span import about, event, note, span

__all__ = ["about", "event", "note", "receiving", "span"]
