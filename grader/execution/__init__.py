"""Runs notebooks in kernels, and brings back what they showed and what was observed.

`runner` does it with Jupyter, as a class is graded; `alone` without, as on a student's own machine.
"""
