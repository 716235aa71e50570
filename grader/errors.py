"""What can go wrong through our fault or an author's, never through a student's.

GraderError                  a sentence for the person at the terminal; exit code 2
├── AssignmentError          an assignment folder that cannot be used
│   └── BrokenTomlError      one of its files is no TOML
├── UsageError               a command that cannot be carried out as it was given
├── GradebookError           a gradebook that cannot be read or written
├── DecidedMeanwhile         somebody else decided about the same work first
├── WorkersLost              a notebook that no worker of a cluster came back from
└── SubmissionUnreadable     a file that no mark can be given for; it is listed for a person
    └── OtherLesson          a notebook for another lesson than the one that was collected

Unobserved                   a check asked for something that no one saw; it is not assessed
NewEvidenceNeeded            a mark needs a run that was not recorded; the notebook runs again

KernelError                  what befalls a kernel; whoever runs the notebook decides what follows
├── RoomError                no room could be built
├── StartError               the kernel could not be shut in, or not be started
├── KernelFailedError        the machine cannot start a kernel as it was asked to
├── KernelLostError          whoever kept the kernel is gone; another try may do
├── KernelGoneError          the kernel died in a cell, or had to be given up
└── DriverBrokeError         what drives a kernel says that it cannot run notebooks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.language.messages import say

if TYPE_CHECKING:
    from pathlib import Path

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


class BrokenTomlError(AssignmentError):
    """The file at `path` is no TOML, because of `problem`; `line` counts from 1, where known."""

    def __init__(self, path: Path, problem: str, line: int | None) -> None:
        super().__init__(say("{path} is not valid TOML: {error}", path=str(path), error=problem))
        self.problem = problem
        self.line = line


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


class OtherLesson(SubmissionUnreadable):
    """The notebook is for `found`, but `drop_box` was collected: it gets no mark."""

    def __init__(self, found: str, drop_box: str) -> None:
        super().__init__(
            say(
                "This is a notebook for {found}, but {drop_box} is collected here: it was not "
                "graded, and no mark was changed. Ask for the notebook for {drop_box}.",
                found=found,
                drop_box=drop_box,
            )
        )
        self.found = found


class Unobserved(Exception):
    """A check needs what was not observed: it can be neither passed nor failed."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NewEvidenceNeeded(Exception):
    """A mark cannot be made from what was recorded: the notebook has to be run again."""


class KernelError(Exception):
    """Something befell a kernel, or what was to become one; the text is for whoever mends it."""


class RoomError(KernelError):
    """No room could be built; the text says what bubblewrap or Linux answered."""


class StartError(KernelError):
    """The kernel could not be isolated or started."""


class KernelFailedError(KernelError):
    """The machine cannot start a kernel as required; the text says why."""


class KernelLostError(KernelError):
    """The kernel's keeper is gone, through no fault of the notebook: another try may succeed."""


class KernelGoneError(KernelError):
    """The kernel died, or had to be given up: a cell did not stop, or its words were `garbled`.

    `outputs` is what the cell had shown by then, in nbformat's form, `cut` whether not all of it.
    """

    def __init__(
        self,
        outputs: tuple[Any, ...] = (),
        *,
        timed_out: bool = False,
        cut: bool = False,
        garbled: bool = False,
    ) -> None:
        super().__init__("the kernel is gone")
        self.outputs = outputs
        self.timed_out = timed_out
        self.cut = cut
        self.garbled = garbled


class DriverBrokeError(KernelError):
    """A driver said that it cannot run notebooks; the text is its own."""
