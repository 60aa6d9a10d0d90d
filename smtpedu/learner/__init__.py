"""The learner's answers on disk, and what they say: mastery, misconceptions, what is due."""
