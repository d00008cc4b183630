"""Saved in the format of 2014, in UTF-16, with the saved state of widgets and of a picture that nobody draws any more."""

import json


def change(notebook):
    cells = [{**own, "input": own.pop("source")} if own["cell_type"] == "code" else own for own in notebook["cells"]]
    for own in cells:
        own["outputs"] = [{"output_type": "pyout", "svg": "<svg/>"}]
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}}}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": metadata, "worksheets": [{"cells": cells, "metadata": {}}]}
    return json.dumps(old).encode("utf-16")
