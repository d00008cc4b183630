"""From the learning platform and back: what a class handed in, an account of it, and what goes back."""
