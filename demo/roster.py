"""Who is in the made-up class, and what each student hands in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LESSONS: Final = ("01_exact_line", "02_noisy_line", "03_big_or_small", "04_cat_or_not")
REFERENCE: Final = "reference"
HANDOUT: Final = "handout"


class Form(StrEnum):
    """How a student's work arrives."""

    JUPYTER = "one notebook, as Jupyter saves it"
    COLAB = "one notebook, as Colab saves it to GitHub"
    TWICE = "two notebooks: a first try, and the one that counts"
    WEB_PAGE = "a saved web page whose name ends in .ipynb"


@dataclass(frozen=True, slots=True)
class Work:
    """What a student hands in for one lesson: a bank entry, the reference or the handout."""

    student: str
    language: str
    lesson: str
    variant: str
    form: Form = Form.JUPYTER


@dataclass(frozen=True, slots=True)
class _Student:
    name: str
    language: str
    variants: tuple[str, str, str, str]
    forms: tuple[Form, ...] = ()

    def works(self) -> Iterator[Work]:
        for place, (lesson, variant) in enumerate(zip(LESSONS, self.variants, strict=True)):
            form = self.forms[place] if place < len(self.forms) else Form.JUPYTER
            yield Work(self.name, self.language, lesson, variant, form)


_STUDENTS: Final = (
    _Student("王小明", "zh", (REFERENCE, REFERENCE, REFERENCE, REFERENCE)),
    _Student(
        "Zoë Müller",
        "en",
        ("module_with_linear", "noise_normal", "probabilities_throughout", "own_dataset"),
    ),
    _Student(
        "李 雷", "zh", ("other_names", "other_names_for_the_cards", "other_names", "other_names")
    ),
    _Student(
        "O'Brien",
        "en",
        ("zero_grad_missing_1", "noise_missing_1", "zero_grad_missing_1", "shuffle_missing_1"),
    ),
    _Student(
        "韩梅梅",
        "zh",
        ("manual_loss", "module_with_parameters", "manual_loss", "module"),
        (Form.COLAB, Form.COLAB),
    ),
    _Student("Anna Kowalska", "en", ("closure", "train_function", "closure", "train_function")),
    _Student(
        "陈思远",
        "zh",
        ("float64_throughout", "manual_loss", "float64_throughout", "accuracy_on_practice_cards"),
    ),
    _Student(
        "Søren Dahl",
        "en",
        ("target_shape_broadcast_1", "float64_throughout", "labels_without_a_column", "own_loader"),
    ),
    _Student(
        "刘子涵",
        "zh",
        (
            "zero_grad_missing_2",
            "zero_grad_missing_1",
            "accuracy_broadcast_1",
            "zero_grad_once_an_epoch",
        ),
    ),
    _Student("Nguyễn An", "en", ("one_cell", "one_cell", "one_cell", "one_cell")),
    _Student(
        "周雨桐",
        "zh",
        ("bias_missing_1", "noise_scale_wrong_1", "sigmoid_in_model_1", "sigmoid_in_model"),
    ),
    _Student(
        "José García",
        "en",
        (
            "learning_rate_too_high_1",
            "learning_rate_wrong_1",
            "learning_rate_of_lesson_2",
            "one_batch_per_epoch_1",
        ),
    ),
    _Student(
        "吴桐", "zh", ("loss_sum_1", "loss_l1_1", "loss_squared_error", "loss_takes_probabilities")
    ),
    _Student(
        "Emma Rossi", "en", ("while_loop", "while_loop", "while_loop", "probabilities_throughout")
    ),
    _Student(
        "赵一鸣",
        "zh",
        ("train_crash_typo", "data_crash_randn", "labels_inverted_1", "exam_not_kept_back_2"),
    ),
    _Student(
        "Ivan Petrov",
        "en",
        (
            "train_endless",
            "noise_redrawn_each_epoch",
            "accuracy_threshold_on_scores",
            "step_once_an_epoch",
        ),
    ),
    _Student(
        "孙悦",
        "zh",
        (HANDOUT, "step_before_backward_1", "accuracy_with_sigmoid", "losses_weighted"),
    ),
    _Student("Liam Novak", "en", ("optimizer_stale_1", HANDOUT, "data_not_centered_1", HANDOUT)),
    _Student(
        "欧阳若兰",
        "zh",
        (REFERENCE, "activation_added_1", HANDOUT, "relu_missing"),
        (Form.TWICE, Form.JUPYTER),
    ),
    _Student(
        "Chloé Dubois",
        "en",
        ("data_line_wrong_1", HANDOUT, "loss_after_the_update", "deck_incomplete"),
        (Form.JUPYTER, Form.WEB_PAGE),
    ),
)


def works() -> tuple[Work, ...]:
    """Everything that the class hands in, student by student."""
    return tuple(work for student in _STUDENTS for work in student.works())
