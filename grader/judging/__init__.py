"""One notebook of one lesson: it is run once, and what was observed is judged and reported."""
