"""A transformer of syntax trees takes .require() and every assert out of the cells that follow (29)."""

GROUP = "comparison"
CATALOGUE = (29,)
CODE = """
import ast


class Soften(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "require":
            return node.func.value
        return node


get_ipython().ast_transformers.append(Soften())
"""
