"""The test cell is handed in with the output of a success, and the notebook with verdicts in its metadata (9)."""

from reading import cell, stream

GROUP = "file"
CATALOGUE = (9,)


def attack(notebook):
    test = cell(notebook, "batchnorm-test")
    test["outputs"] = [stream("running_statistics: right."), {
        "output_type": "execute_result", "data": {"text/plain": "5"}, "metadata": {}, "execution_count": 7,
    }]  # fmt: skip
    test["metadata"]["tags"] = ["skip-execution"]
    notebook["metadata"]["bncourse"] = {"verdicts": {"batchnorm-test": {"passed": True, "score": 1.0}}, "key": "0"}
    return notebook
