"""Grading submissions that cannot be trusted: each runs in a sandbox, and is judged outside of it.

This file imports nothing, so that the command can start its workers before it loads what they load too.
"""
