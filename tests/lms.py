"""Downloads of learning platforms, made by hand to the letter of their formats."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from tests.notebooks import EXACT_LINE, lesson

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FEW_EPOCHS = EXACT_LINE.train.replace("epochs = 100", "epochs = 50")
RIGHT = json.dumps(lesson()).encode()
WRONG = json.dumps(lesson(train=FEW_EPOCHS)).encode()


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip with these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def unpacked(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


# {name}[_LATE]_{user id}_{attachment id}_{display name}; names in small letters, CJK kept. The two
# called 李小明 are two people; doeanna handed in twice; ghostgina only a PDF.
CANVAS = {
    "doeanna_17_901_homework.ipynb": WRONG,
    "doeanna_17_955_homework-1.ipynb": RIGHT,
    "李小明_LATE_23_902_作业_1_final.ipynb": RIGHT,
    "李小明_24_903_hw.ipynb": WRONG,
    "ghostgina_25_904_scan.pdf": b"%PDF-1.4",
}

# {Full name}_{participant id}_assignsubmission_file/<path>, for 4.1 and newer.
MOODLE = {
    "李 小明_31_assignsubmission_file/作业.ipynb": RIGHT,
    "Anna Doe_32_assignsubmission_file/hw/nb.ipynb": WRONG,
    "Anna Doe_32_assignsubmission_onlinetext/onlinetext.html": b"<p>see file</p>",
    "Anna Doe_33_assignsubmission_file/nb.ipynb": RIGHT,
    "Participant_34_assignsubmission_file/nb.ipynb": RIGHT,
}

BLACKBOARD = {
    "Homework 1_adoe_attempt_2026-11-20-10-00-00.txt": b"Name: Anna Doe (adoe)\n",
    "Homework 1_adoe_attempt_2026-11-20-10-00-00_nb.ipynb": WRONG,
    "Homework 1_adoe_attempt_2026-11-21-10-00-00.txt": b"Name: Anna Doe (adoe)\n",
    "Homework 1_adoe_attempt_2026-11-21-10-00-00_nb.ipynb": RIGHT,
    "Homework 1_lxm_attempt_2026-11-20-11-00-00_作业.ipynb": RIGHT,
}

GRADESCOPE = {
    "assignment_7_export/submission_metadata.yml": """---
submission_409194023:
  :submitters:
  - !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    :name: 李小明
    :sid: 20260001
    :email: li@x.cn
  - :name: Anna Doe
    :sid:
    :email: anna@x.cn
  :created_at: 2026-11-20 10:00:00.123456000 Z
  :score: 0.0
  :results: {}
submission_409194024:
  :submitters: []
  :created_at: 2026-11-20 11:00:00 Z
""".encode(),
    "assignment_7_export/submission_409194023/nb.ipynb": RIGHT,
    "assignment_7_export/submission_409194024/nb.ipynb": WRONG,
}
