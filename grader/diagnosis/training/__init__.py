"""Mistakes in the training loop.

A rule about the order of calls is tried only for a loop whose numbers failed; where the loop can be
replayed, the replay in the recorded order must also give the recorded numbers.
"""
