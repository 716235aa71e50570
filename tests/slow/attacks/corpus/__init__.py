"""The hostile notebooks, by what they are after."""

from tests.slow.attacks.corpus.crowding import CROWDING
from tests.slow.attacks.corpus.endings import ENDINGS
from tests.slow.attacks.corpus.files import FILES
from tests.slow.attacks.corpus.lying import LYING
from tests.slow.attacks.corpus.messages import MESSAGES
from tests.slow.attacks.corpus.neighbours import NEIGHBOURS
from tests.slow.attacks.corpus.networks import NETWORKS
from tests.slow.attacks.corpus.system import SYSTEM
from tests.slow.attacks.corpus.talking import TALKING

CORPUS = (
    *FILES,
    *NETWORKS,
    *CROWDING,
    *ENDINGS,
    *NEIGHBOURS,
    *SYSTEM,
    *TALKING,
    *LYING,
    *MESSAGES,
)
