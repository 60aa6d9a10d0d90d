"""What learners are asked: items, their kinds, the bank, generated items, quizzes."""
