"""How well a kernel can be shut in, from best to worst, and what each tier leaves open.

room      namespaces, built by bubblewrap: nothing but a kernel's own files can be seen or reached
landlock  the process's own promise to Linux: no other files, no network, no signals to others
none      limits of time, memory, processes and output only

Which one a machine has is found by trying (`grader.kernels.trying`).
"""

from __future__ import annotations

from typing import Final

ROOM: Final = "room"
LANDLOCK: Final = "landlock"
NONE: Final = "none"
# Where a kernel's folders lie in its room.
ROOM_HOME: Final = "/w"
TIERS: Final = (ROOM, LANDLOCK, NONE)

# What a tier leaves open, in the words that reports know.
LEFT_OPEN: Final = {
    ROOM: (),
    LANDLOCK: ("file_attributes", "disk", "process_list"),
    NONE: ("files", "network", "processes", "disk"),
}
# Not where the superuser grades and students' code runs as users of its own.
CLOSED_BY_ANOTHER_USER: Final = ("file_attributes",)
