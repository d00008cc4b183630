"""Writes a file into the folder of torch, for those who come after."""

GROUP = "answer"
CATALOGUE = (78,)
STOCK = False  # it would write there
CODE = """
import os

try:
    with open(os.path.join(os.path.dirname(torch.__file__), "left_behind.py"), "w") as file:
        file.write("x = 1")
    print("GOT IT")
except OSError as error:
    print(error)
"""
