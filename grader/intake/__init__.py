"""Finds what was handed in, and whose it is; nothing is left out silently."""

from grader.intake.archives import read_member
from grader.intake.candidate import Candidate, Known, readable
from grader.intake.choosing import Chosen, Settled, choose, names_of
from grader.intake.finding import HandIns, find_candidates, find_hand_ins
from grader.intake.platforms import CANVAS, MOODLE, PLATFORMS
from grader.intake.roster import Listed, identified, read_roster
