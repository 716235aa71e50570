"""The pictures of the pages as plain geometry, each with words that say what it shows."""
