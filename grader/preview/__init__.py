"""A student's own check of a notebook before handing it in: the real verdicts, where possible.

It needs neither references nor a gradebook, and takes the same engine as a class: in a terminal
(`grader check`), on a page, and in the notebook itself (`from grader import check`).
"""
