"""Starts 300 threads (83)."""

GROUP = "resources"
CATALOGUE = (83,)
CODE = """
import threading, time

for _ in range(300):
    threading.Thread(target=time.sleep, args=(8,), daemon=True).start()
"""
