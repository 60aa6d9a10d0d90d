"""What learners are asked: the item bank, generated items, grading, quizzes."""
