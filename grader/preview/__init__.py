"""A student's own look at a notebook before it is handed in: the real verdicts, as far as they go.

It needs neither references nor a gradebook, and takes the same engine as a class: in a terminal
(`grader check`), on a page, and in the notebook itself (`from grader import check`).
"""
