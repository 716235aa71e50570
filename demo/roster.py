"""Who is in the made-up class, and what each student hands in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LESSONS: Final = ("01_exact_line", "02_noisy_line")
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
    variants: tuple[str, str]
    forms: tuple[Form, Form] = (Form.JUPYTER, Form.JUPYTER)

    def works(self) -> Iterator[Work]:
        for lesson, variant, form in zip(LESSONS, self.variants, self.forms, strict=True):
            yield Work(self.name, self.language, lesson, variant, form)


_STUDENTS: Final = (
    _Student("王小明", "zh", (REFERENCE, REFERENCE)),
    _Student("Zoë Müller", "en", ("module_with_linear", "noise_normal")),
    _Student("李 雷", "zh", ("other_names", "other_names_for_the_cards")),
    _Student("O'Brien", "en", ("zero_grad_missing_1", "noise_missing_1")),
    _Student("韩梅梅", "zh", ("manual_loss", "module_with_parameters"), (Form.COLAB, Form.COLAB)),
    _Student("Anna Kowalska", "en", ("closure", "train_function")),
    _Student("陈思远", "zh", ("float64_throughout", "manual_loss")),
    _Student("Søren Dahl", "en", ("target_shape_broadcast_1", "float64_throughout")),
    _Student("刘子涵", "zh", ("zero_grad_missing_2", "zero_grad_missing_1")),
    _Student("Nguyễn An", "en", ("one_cell", "one_cell")),
    _Student("周雨桐", "zh", ("bias_missing_1", "noise_scale_wrong_1")),
    _Student("José García", "en", ("learning_rate_too_high_1", "learning_rate_wrong_1")),
    _Student("吴桐", "zh", ("loss_sum_1", "loss_l1_1")),
    _Student("Emma Rossi", "en", ("while_loop", "while_loop")),
    _Student("赵一鸣", "zh", ("train_crash_typo", "data_crash_randn")),
    _Student("Ivan Petrov", "en", ("train_endless", "noise_redrawn_each_epoch")),
    _Student("孙悦", "zh", (HANDOUT, "step_before_backward_1")),
    _Student("Liam Novak", "en", ("optimizer_stale_1", HANDOUT)),
    _Student("欧阳若兰", "zh", (REFERENCE, "activation_added_1"), (Form.TWICE, Form.JUPYTER)),
    _Student("Chloé Dubois", "en", ("data_line_wrong_1", HANDOUT), (Form.JUPYTER, Form.WEB_PAGE)),
)


def works() -> tuple[Work, ...]:
    """Everything that the class hands in, student by student."""
    return tuple(work for student in _STUDENTS for work in student.works())
