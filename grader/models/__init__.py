"""The values that pass from module to module on a submission's way from a file to a report."""

from grader.models.execution import (
    CellError,
    CellRun,
    Execution,
    Isolation,
    Output,
    OutputKind,
    Plan,
    Transfer,
    complete_after,
)
from grader.models.figures import (
    Answers,
    BoundaryExpected,
    Curve,
    Expectation,
    Figures,
    Fit,
    Learned,
    LossRange,
    PictureCard,
)
from grader.models.marks import (
    FULL_MARKS,
    RIGHT,
    AssignmentInfo,
    CheckResult,
    Comment,
    Diagnosis,
    GradedSubmission,
    Judgement,
    Lateness,
    Mark,
    Override,
    StepMark,
)
from grader.models.rates import Measured, Rates, Share, Tally
from grader.models.steps import CODE_STEPS, STEP_TITLES, Outcome, Step, Verdict
from grader.models.submission import Cell, CellKind, Submission
