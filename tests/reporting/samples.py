"""Graded submissions as they come out of marking: what the reports are tested on."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import replace
from math import cos
from pathlib import Path
from typing import TYPE_CHECKING

from grader.language.messages import Message, say
from grader.models import (
    AssignmentInfo,
    Cell,
    CellError,
    CellKind,
    CellRun,
    CheckResult,
    Diagnosis,
    Execution,
    Expectation,
    Figures,
    GradedSubmission,
    Isolation,
    Judgement,
    Learned,
    LossRange,
    Mark,
    Outcome,
    Output,
    OutputKind,
    Step,
    StepMark,
    Submission,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHINESE = Path(__file__).with_name("samples.zh.po")

ASSIGNMENT = AssignmentInfo(
    id="01_exact_line",
    titles={"zh": "第 1 课：一条精确的直线", "en": "Lesson 1: an exact line"},
    target=Learned(2.0, 1.0),
    epochs=100,
    catalogues={"zh": CHINESE},
    expectation=Expectation(
        losses=tuple(LossRange(n, 2 * 0.86**n, 90 * 0.9**n + 0.2) for n in range(1, 101, 3)),
        share=0.99,
        w_within=0.283,
        b_within=0.806,
    ),
)

SOURCES = {
    Step.DATA: "# === data ===\nX = torch.arange(0, 5, dtype=torch.float32).view(-1, 1)\n"
    "y = 2 * X + 1  # 目标直线",
    Step.MODEL: "# === model ===\nmodel = nn.Linear(in_features=1, out_features=1)",
    Step.LOSS: "# === loss ===\nloss_fn = nn.MSELoss()",
    Step.OPTIMIZER: "# === optimizer ===\noptimizer = torch.optim.SGD(model.parameters(), lr=0.01)",
    Step.TRAIN: "# === train ===\nlosses = []\nfor epoch in range(100):\n"
    "    y_pred = model(X)\n    loss = loss_fn(y_pred, y)\n    loss.backward()\n"
    "    optimizer.step()\n    losses.append(loss.item())\n"
    '    print(f"{epoch}: {loss.item():.4f}")',
}
CELL_OF = {step: 3 + 2 * n for n, step in enumerate(SOURCES)}

SENTENCES: Mapping[Step, tuple[tuple[str, Message, float], ...]] = {
    Step.DATA: (("data.line", say("y is exactly 2x + 1 for every x"), 15.0),),
    Step.MODEL: (("model.affine", say("The model is a single line: one weight, one bias"), 20.0),),
    Step.LOSS: (("loss.is_mse", say("The loss is the mean squared error"), 15.0),),
    Step.OPTIMIZER: (
        ("optimizer.owns", say("The optimizer holds exactly the model's parameters"), 10.0),
        ("optimizer.rate", say("The learning rate is 0.01"), 5.0),
    ),
    Step.TRAIN: (
        ("train.follows_descent", say("Each update goes down the gradient of that epoch"), 15.0),
        ("train.epochs", say("There are 100 updates"), 10.0),
    ),
    Step.RESULT: (("result.learned", say("The line that was learned fits the data"), 10.0),),
}

FORGOT_ZERO_GRAD = Diagnosis(
    id="zero_grad_missing",
    step=Step.TRAIN,
    message=say("This behaves as if the gradients of earlier epochs were never cleared."),
    hint=say("Print model.weight.grad in the first three epochs and watch how it grows."),
    cell=CELL_OF[Step.TRAIN],
    line=6,
)
WRONG_RATE = Diagnosis(
    id="learning_rate_too_high",
    step=Step.OPTIMIZER,
    message=say("This behaves like a learning rate of {rate}.", rate=0.1),
    hint=say("Compare the number in your cell with the one in the exercise."),
    cell=CELL_OF[Step.OPTIMIZER],
    line=2,
)

OFF_TRACK = Judgement(
    verdict=Verdict.FAILED,
    message=say("From the second update on, the parameters leave the path of gradient descent."),
    expected=say("after 100 epochs the loss is about {loss:.2g}", loss=0.0209),
    actual=say("it is {loss:.3g}", loss=8.03),
    hint=say("What does backward() do with a gradient that is already there?"),
)


def png() -> str:
    """A picture of one grey pixel, as base64."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def judged(step: Step, judgements: Sequence[Judgement] = (), followed: bool = False) -> StepMark:
    """A step whose first checks get these judgements and whose other checks pass."""
    right = Judgement(Verdict.PASSED, say("That is right."))
    checks = tuple(
        CheckResult(name, step, sentence, judgements[n] if n < len(judgements) else right, points)
        for n, (name, sentence, points) in enumerate(SENTENCES[step])
    )
    return StepMark(step, checks, followed)


def marked(**judgements: Sequence[Judgement]) -> Mark:
    """A mark in which the named steps got these judgements and all else is right."""
    return Mark(tuple(judged(step, judgements.get(step, ())) for step in SENTENCES))


def outputs() -> tuple[CellRun, ...]:
    """What the cells of an ordinary notebook showed."""
    printed = "\n".join(f"{n}: {33.1 * 0.9**n:.4f}" for n in range(5))
    shown = (Output(OutputKind.TEXT, printed), Output(OutputKind.PNG, png()))
    return (CellRun(CELL_OF[Step.TRAIN], shown, cut=True),)


def graded(
    student: str = "li_hua",
    mark: Mark | None = None,
    language: str = "zh",
    outcome: Outcome = Outcome.COMPLETED,
    sources: Mapping[Step, str] = SOURCES,
    runs: tuple[CellRun, ...] | None = None,
    figures: Figures | None = None,
    error: CellError | None = None,
) -> GradedSubmission:
    """A submission to the first lesson; all right, unless the arguments say otherwise."""
    notebook = Submission(
        student=student,
        assignment=ASSIGNMENT.id,
        language=language,
        path=Path(f"{student[:20]}.ipynb"),
        sha256="0" * 64,
        cells=tuple(Cell(CELL_OF[s], CellKind.CODE, text) for s, text in sources.items()),
        steps={step: (CELL_OF[step],) for step in sources},
    )
    execution = Execution(
        outcome=outcome,
        runs=outputs() if runs is None else runs,
        records=(),
        isolation=Isolation("landlock", ("disk", "named_sockets")),
        duration_s=0.41239,
        error=error,
    )
    cards = tuple((float(x), 2.0 * x + 1.0) for x in range(5))
    learning = Figures(
        cards=cards,
        losses=tuple(33.1 * 0.86**n + 0.02 for n in range(100)),
        start=Learned(-0.3, 0.4),
        learned=Learned(2.06, 0.84),
        path=tuple(Learned(2.06 - 2.36 * 0.9**n, 0.84 - 0.44 * 0.95**n) for n in range(101)),
        updates=100,
    )
    return GradedSubmission(
        submission=notebook,
        assignment=ASSIGNMENT,
        outcome=outcome,
        mark=marked() if mark is None else mark,
        figures=learning if figures is None else figures,
        execution=execution,
        duration_s=0.41239,
    )


def forgot_zero_grad(student: str = "li_hua", language: str = "zh") -> GradedSubmission:
    """The most common mistake of the course."""
    mark = replace(marked(train=(OFF_TRACK,)), diagnoses=(FORGOT_ZERO_GRAD,))
    losses = tuple(8.0 + 25.0 * 0.99**n * (1 + 0.9 * (-1) ** (n // 7)) for n in range(100))
    path = tuple(Learned(2 - 2.3 * cos(n / 3), 1 - 0.6 * cos(n / 3)) for n in range(100))
    path = (*path, Learned(0.43, 0.43))
    figures = Figures(graded().figures.cards, losses, path[0], path[-1], path, 100)
    return graded(student, mark, language, figures=figures)


def two_mistakes(student: str = "zhao_min", language: str = "zh") -> GradedSubmission:
    """Two steps wrong, and the last one judged in a second run."""
    rate = Judgement(
        Verdict.FAILED,
        say("The learning rate is not the one that was asked for."),
        expected=say("0.01"),
        actual=say("{rate}", rate=0.1),
    )
    steps = marked(train=(OFF_TRACK,)).steps
    right = Judgement(Verdict.PASSED, say("That is right."))
    rated = judged(Step.OPTIMIZER, (right, rate))
    steps = tuple(
        rated if s.step is Step.OPTIMIZER else replace(s, followed_through=s.step is Step.TRAIN)
        for s in steps
    )
    mark = Mark(steps, (WRONG_RATE, FORGOT_ZERO_GRAD))
    diverged = tuple(33.1 * 2.7**n for n in range(80)) + (float("inf"),) * 5 + (float("nan"),) * 15
    path = tuple(Learned(2 - 2.3 * (-2.0) ** n, 1 - 0.6 * (-2.0) ** n) for n in range(101))
    figures = Figures(graded().figures.cards, diverged, path[0], Learned(-4e30, -1e30), path, 100)
    return graded(student, mark, language, figures=figures)


def untouched(student: str = "wang_wei", language: str = "zh") -> GradedSubmission:
    """The handout, handed in as it is."""
    idle = Judgement(Verdict.NOT_ATTEMPTED, say("This cell still says what the handout says."))
    after = Judgement(Verdict.NOT_ASSESSED, say("There was nothing to judge yet."))
    steps = tuple(
        judged(s, (after if s is Step.RESULT else idle,) * len(SENTENCES[s])) for s in SENTENCES
    )
    blank = {step: f"# === {step} ===\n..." for step in SOURCES}
    return graded(student, Mark(steps), language, sources=blank, runs=(), figures=Figures())


def timed_out(student: str = "chen_jie", language: str = "zh") -> GradedSubmission:
    """A loop that never ends: the earlier steps keep their points."""
    unseen = Judgement(Verdict.NOT_ASSESSED, say("The notebook was stopped before this was seen."))
    steps = tuple(
        judged(s, (unseen,) * len(SENTENCES[s]) if s in (Step.TRAIN, Step.RESULT) else ())
        for s in SENTENCES
    )
    return graded(student, Mark(steps), language, Outcome.TIMED_OUT, figures=Figures())


def raised(student: str = "zhou_yu", language: str = "zh") -> GradedSubmission:
    """A cell that ends with an exception."""
    unseen = Judgement(Verdict.NOT_ASSESSED, say("The notebook was stopped before this was seen."))
    wrong = Judgement(Verdict.FAILED, say("The cell ends with an error."))
    mark = replace(marked(model=(wrong,), result=(unseen,)))
    cell = CELL_OF[Step.MODEL]
    error = CellError(cell, "AttributeError", "module 'torch.nn' has no attribute 'linear'", "", 2)
    runs = (CellRun(cell, (), error),)
    return graded(
        student, mark, language, Outcome.RAISED, runs=runs, figures=Figures(), error=error
    )


def withheld(student: str = "sun_li", language: str = "zh") -> GradedSubmission:
    """A check of ours broke: a person must look."""
    broken = Judgement(
        Verdict.ERROR,
        say("This check could not be carried out. It is not your fault."),
        reason="ZeroDivisionError in result.learned",
    )
    mark = replace(
        marked(result=(broken,)), withheld_reason=say("One check could not be carried out.")
    )
    return graded(student, mark, language)


def unreadable(student: str = "qian_duo", language: str = "zh") -> GradedSubmission:
    """A file that is no notebook."""
    mark = Mark((), withheld_reason=say("The file is not valid JSON."))
    whole = graded(student, mark, language, Outcome.UNREADABLE, sources={}, figures=Figures())
    return replace(whole, execution=None, duration_s=0.0)


def whole_class(language: str = "zh") -> list[GradedSubmission]:
    """A class with one of every kind, and many who are right."""
    names = ("王小明", "李华", "Zhang San", "ada", "赵敏", "周瑜", "吴用", "郑和", "冯巩", "陈省身")
    return [
        *(graded(name, language=language) for name in names),
        *(forgot_zero_grad(f"s{n:03}", language) for n in range(6)),
        two_mistakes(language=language),
        untouched(language=language),
        timed_out(language=language),
        raised(language=language),
        withheld(language=language),
        unreadable(language=language),
    ]


def with_remark(whole: GradedSubmission, remark: Message) -> GradedSubmission:
    """The same submission, about whose file there is something to tell."""
    return replace(whole, submission=replace(whole.submission, remarks=(remark,)))
