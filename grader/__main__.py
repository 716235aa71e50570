"""`python -m grader`, and the command `grader`."""

from grader.cli import app as main

if __name__ == "__main__":
    main()
