"""What is shown as a PNG picture is base64 of a page with a script; another one has a page after its header (17)."""

GROUP = "file"
CATALOGUE = (17,)
CODE = """
import base64
from IPython.display import display

page = b"<script>document.title = 'taken'</script>"
for data in (page, b"\\x89PNG\\r\\n\\x1a\\n" + page, b'"><script>alert(1)</script>'):
    display({"image/png": base64.b64encode(data).decode(), "text/plain": "a picture"}, raw=True)
display({"image/png": '"><script>alert(1)</script>'}, raw=True)
"""
