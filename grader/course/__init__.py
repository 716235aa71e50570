"""A course: the folder that holds its assignments and their solutions."""
