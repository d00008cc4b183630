"""Asks the shell for the files and for the version of Python."""

from reading import code_cell, place

added = """
import subprocess

print(subprocess.run(["python3", "--version"], capture_output=True, text=True))
print(subprocess.run("ls -la; uname; nproc", shell=True, capture_output=True, text=True).stdout)
"""


def change(notebook):
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, code_cell(added))
    return notebook
