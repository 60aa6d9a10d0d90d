"""Lessons, their exercises and challenges, and the judge of a learner's program."""
