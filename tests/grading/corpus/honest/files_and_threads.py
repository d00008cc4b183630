"""Writes files, reads them back, and computes in threads."""

from reading import code_cell, place

added = """
import concurrent.futures
import pathlib
import tempfile

torch.save(torch.zeros(3), "zeros.pt")
assert torch.load("zeros.pt").sum() == 0
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "note.txt").write_text("a note")
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda n: n * n, range(4))))
"""


def change(notebook):
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, code_cell(added))
    return notebook
