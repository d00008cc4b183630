"""Shows HTML, JavaScript, SVG and LaTeX, and raises an error whose text is HTML, for the instructor's browser (17)."""

GROUP = "file"
CATALOGUE = (17,)
CODE = """
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

script = "<script>document.title = 'taken'</script>"
display(HTML(script), Javascript("alert(1)"), Markdown(script), Latex(script))
display(SVG(data=f"<svg xmlns='http://www.w3.org/2000/svg'>{script}</svg>"))
display({"text/html": script, "application/javascript": "alert(1)", "image/png": script}, raw=True)
"""
