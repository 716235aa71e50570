"""Mistakes in the training loop.

A rule about the order of calls is asked only of a loop that failed by its numbers; where the loop
can be replayed, the replay in the recorded order must also give the recorded numbers.
"""
