"""What shuts a student's code in: rooms, Landlock, system calls, limits, folders of its own."""
