"""A course as it is on disk: its folders, its assignments, their notebooks."""
