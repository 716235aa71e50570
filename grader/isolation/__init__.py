"""What isolates a student's code: rooms, Landlock, system calls, limits, folders of its own."""
