"""Everything that a browser would run or fetch, in an answer, in cells of text, in outputs and in an error's name."""

from reading import cell, code_cell, text_cell

GROUP = "verdict"


def attack(notebook):
    page = """<style>@import url(//h.invalid/a.css); p { background: url(//h.invalid/b) }</style>
<div style="background:url(//h.invalid/c)" onclick="alert(1)">a</div> <img srcset="//h.invalid/d 1x" src="//h.invalid/e">
<svg><image href="//h.invalid/f"/><script>alert(1)</script></svg> <math><maction xlink:href="//h.invalid/g">x</maction></math>
<input type=image src=//h.invalid/h> <video poster=//h.invalid/i><source src=//h.invalid/j></video> <audio src=//h.invalid/k></audio>
<base href=//h.invalid/> <meta http-equiv=refresh content="0;url=//h.invalid/l"> <link rel=prefetch href=//h.invalid/m>
<a href="jav&#x61;script:alert(1)" ping=//h.invalid/n>b</a> <iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data=//h.invalid/o></object> <embed src=//h.invalid/p> <form action=//h.invalid/q><button formaction=javascript:alert(1)>c</button></form>
<table background=//h.invalid/r><tr><td background=//h.invalid/s>d</td></tr></table> <body background=//h.invalid/t>

![e](//h.invalid/u.png) ![f][g] [h](javascript:alert(1)) ![i](data:image/svg+xml;base64,PHN2Zy8+) ![j](file:///etc/passwd)

[g]: https://h.invalid/v.png

<xmp><img src=//h.invalid/w></xmp> <noscript><img src=//h.invalid/x></noscript> <!--><img src=//h.invalid/y>-->
"""
    cell(notebook, "why-answer")["source"] = page
    shown = f"""
from IPython.display import HTML, IFrame, Image, Javascript, Markdown, display

display(HTML({page!r}), Markdown({page!r}), Javascript("alert(1)"), IFrame("//h.invalid/z", 1, 1), Image(url="//h.invalid/1"))
print({page!r})
raise type("<img src=x onerror=alert(1)>", (Exception,), {{}})("<script>alert(1)</script>")
"""
    notebook["cells"] += [text_cell(page), text_cell(page * 5), code_cell(shown)]
    return notebook
