"""A made-up class that hands in two lessons, and the command that grades it."""
