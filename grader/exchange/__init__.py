"""Marks in the forms that learning platforms take: one module for each of them."""
