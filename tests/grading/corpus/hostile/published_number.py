"""Publishes the number 5 as the cell's result before the error comes (69)."""

GROUP = "verdict"
CATALOGUE = (69, 70)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        shell = get_ipython()
        content = {"data": {"text/plain": "5"}, "metadata": {}, "execution_count": shell.execution_count}
        if hasattr(shell, "kernel"):
            parent = shell.get_parent()
            shell.kernel.session.send(shell.kernel.iopub_socket, "execute_result", content, parent=parent)
        else:
            shell.display_pub.publish(data=content["data"])
        return super().forward(x)
"""
