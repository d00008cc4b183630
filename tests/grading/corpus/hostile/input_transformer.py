"""A transformer of texts replaces the test cell's by another before it is run (30)."""

GROUP = "comparison"
CATALOGUE = (30,)
CODE = """
def soften(lines):
    return [line.replace(".require()", "") for line in lines]


get_ipython().input_transformers_post.append(soften)
get_ipython().input_transformer_manager.cleanup_transforms.insert(0, soften)
"""
