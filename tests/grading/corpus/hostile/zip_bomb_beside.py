"""An archive beside the notebook unpacks to 100 MiB, and has paths that climb out of its folder (14)."""

import io
import zipfile

GROUP = "file"
CATALOGUE = (14,)


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../MARKER", "GOT IT")
        archive.writestr("zeros", bytes(100 << 20))
    return file.getvalue()


FILES = {"data.zip": bomb()}
CODE = "pass"
