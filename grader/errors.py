"""What can go wrong through our fault or an author's, never through a student's.

GraderError a sentence for the person at the terminal; exit code 2 ├── AssignmentError an assignment
folder that cannot be used ├── UsageError a command that cannot be carried out as it was given ├──
GradebookError a gradebook that cannot be read or written ├── DecidedMeanwhile somebody else decided
about the same work first ├── WorkersLost a notebook that no worker of a cluster came back from └──
SubmissionUnreadable a file that cannot get a mark; it is listed for the instructor

Unobserved                a check asked for something that no one saw; the check is not assessed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.language.messages import Message


class GraderError(Exception):
    """Something that the user can fix; `message` says what happened and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything to report, one line each."""
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
    """The work has changed since somebody looked at it; nothing was written."""


class WorkersLost(GraderError):
    """The workers that were given a notebook died while they ran it; its mark is withheld."""


class SubmissionUnreadable(GraderError):
    """The file is not a notebook that could be run; its mark is withheld."""


class Unobserved(Exception):
    """A check needs what was not observed: it can be neither passed nor failed."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message
