"""What can go wrong through our fault or an author's, never through a student's.

GraderError               a sentence for the person at the terminal; exit code 2
├── AssignmentError       an assignment folder that cannot be used
├── UsageError            a command that cannot be carried out as it was given
├── GradebookError        a gradebook that cannot be read or written
├── DecidedMeanwhile      somebody else decided about the same work first
├── WorkersLost           a notebook that no worker of a cluster came back from
└── SubmissionUnreadable  a file that no mark can be given for; it is listed for a person

Unobserved                a check asked for something that no one saw; the check is not assessed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.language.messages import Message


class GraderError(Exception):
    """Something a person can mend; `message` says what happened and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message

    @property
    def messages(self) -> tuple[Message, ...]:
        """All there is to tell, a line each."""
        return (self.message,)


class AssignmentError(GraderError):
    """An assignment folder is incomplete or contradicts itself; `more` problems come with it."""

    def __init__(self, message: Message, *more: Message) -> None:
        super().__init__(message)
        self._messages = (message, *more)

    def __str__(self) -> str:
        return "\n".join(str(message) for message in self._messages)

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every problem that was found."""
        return self._messages


class UsageError(GraderError):
    """The command asks for something that does not exist or cannot be done."""


class GradebookError(GraderError):
    """The gradebook cannot be opened, read or written; what it held before, it still holds."""


class DecidedMeanwhile(GraderError):
    """The work is no longer as it was when somebody looked at it; nothing was written."""


class WorkersLost(GraderError):
    """The workers that were given a notebook died while they ran it; its mark is withheld."""


class SubmissionUnreadable(GraderError):
    """The file is no notebook that could be run; its mark is withheld."""


class Unobserved(Exception):
    """A check needs what was not observed: it can be neither passed nor failed."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message
