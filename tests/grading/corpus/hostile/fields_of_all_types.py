"""Nothing in the file is of the type that it should be: metadata, ids, outputs, attachments, versions, cells, numbers."""

import json

GROUP = "file"


def attack(notebook):
    for i, own in enumerate(notebook["cells"]):
        own["id"] = [i, {"a": i}, None, 3.5][i % 4]
        own["outputs"] = [None, 5, "text", {"data": []}][i % 4]
        own["attachments"] = [[], "x", {"a": None, "b": {"image/png": 7}}, 3][i % 4]
        own["execution_count"] = [[], "x", float("nan"), {}][i % 4]
    strange = [None, 3, [], "x", {"cell_type": ["code"]}, {"cell_type": None, "source": {"a": 1}, "metadata": []}]
    notebook["cells"] = strange + notebook["cells"]
    notebook["metadata"] = [notebook["metadata"], float("inf")]
    notebook["nbformat"] = "four"
    return json.dumps(notebook).replace('"nbformat_minor": 5', '"nbformat_minor": 1e999').encode()
