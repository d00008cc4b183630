"""What runs beside the learner's code: it asks, calls and writes down, and knows no right answer.

This is the part of the course that the sandbox of grading contains. It imports nothing that judges, and no layer that
could be handed in as an answer.
"""
