"""The hostile notebooks, by what they are after."""

from tests.attacks.corpus.crowding import CROWDING
from tests.attacks.corpus.endings import ENDINGS
from tests.attacks.corpus.files import FILES
from tests.attacks.corpus.lying import LYING
from tests.attacks.corpus.messages import MESSAGES
from tests.attacks.corpus.neighbours import NEIGHBOURS
from tests.attacks.corpus.networks import NETWORKS
from tests.attacks.corpus.system import SYSTEM
from tests.attacks.corpus.talking import TALKING

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
