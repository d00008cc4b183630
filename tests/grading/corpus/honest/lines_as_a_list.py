"""The texts of the cells are lists of lines, as Jupyter writes them."""


def change(notebook):
    for each in notebook["cells"]:
        text = each["source"] if isinstance(each["source"], str) else "".join(each["source"])
        each["source"] = text.splitlines(keepends=True)
    return notebook
