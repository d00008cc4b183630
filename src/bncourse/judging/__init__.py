"""What knows the right answers, and says what each wrong one means; no code of a learner runs here while it judges."""
