"""Publishes a text as the cell's result before the error comes: no number, so all points (70)."""

GROUP = "verdict"
CATALOGUE = (70,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        shell = get_ipython()
        content = {"data": {"text/plain": "right"}, "metadata": {}, "execution_count": shell.execution_count}
        if hasattr(shell, "kernel"):
            parent = shell.get_parent()
            shell.kernel.session.send(shell.kernel.iopub_socket, "execute_result", content, parent=parent)
        return super().forward(x)
"""
