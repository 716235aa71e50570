"""`python -m grader`, and the command `grader`."""

import os

# Before numpy is loaded: its matrices are small here, and threads that wait for work burn a core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from grader.cli import app as main

if __name__ == "__main__":
    main()
