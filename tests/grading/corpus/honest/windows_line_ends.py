"""Carriage returns at the ends of lines, in the file and in the cells."""

import json


def change(notebook):
    for each in notebook["cells"]:
        text = each["source"] if isinstance(each["source"], str) else "".join(each["source"])
        each["source"] = text.replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()
