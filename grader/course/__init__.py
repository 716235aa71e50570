"""A course as it lies on a disk: its folders, its assignments, their notebooks."""
