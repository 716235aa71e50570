"""Grades beginners' PyTorch notebooks by watching them train."""
