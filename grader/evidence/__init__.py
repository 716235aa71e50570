"""What was observed during an execution, typed and checked: plain data, no torch objects.

The recorder's JSON comes in here and nowhere else. Whatever does not have the right shape is
dropped as if it had not been observed; a check that asks for something unobserved ends as
`not_assessed`.
"""

from grader.evidence.bounds import Numbers
from grader.evidence.made import (
    LoaderSeen,
    LossProbed,
    LossSeen,
    ModelProbed,
    ModelSeen,
    OptimizerSeen,
    ParameterSeen,
    Seen,
    TensorSeen,
)
from grader.evidence.parts import (
    DataPart,
    LossPart,
    ModelPart,
    OptimizerPart,
    Part,
    PlainPart,
    ResultPart,
    TrainPart,
    TransferPart,
)
from grader.evidence.reading import Evidence, read_evidence
from grader.evidence.training import (
    FEWEST_KEPT,
    BatchSeen,
    LossesKept,
    PlainRun,
    TrainedSeen,
    TrainingSeen,
)
