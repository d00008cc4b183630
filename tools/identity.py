"""Write the course's title, addresses and version into every file that states them.

    python tools/identity.py --url https://github.com/ada/norms --title "Norms"   # make rename
    python tools/identity.py --version 0.2.0                                      # make release
    python tools/identity.py                                                      # first cells only

The title and the addresses come from ``_config.yml``, the version from ``bncourse.__version__``. No other file decides
about them, so that this program finds each old value by what those two say.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import yaml

ROOT = Path(__file__).parents[1]

FIRST_CELL = """\
# Installs the course's package where it is missing or older than this notebook, as on Colab.
import importlib
import re
import site
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

SITE = "{site}"
COURSE = "bncourse {version}"
WHEEL = f"{{SITE}}/{wheel}"
SOURCE = "git+{url}@v{version}"
NEEDED = "{needed}"


def is_there(needed):
    name, least = needed.split()
    try:
        have = version(name)
    except PackageNotFoundError:
        return find_spec(name) is not None
    have, least = (re.findall("[0-9]+", text) for text in (have, least))
    return [*map(int, have[:3])] >= [*map(int, least)]


missing, said = [], ""
if not is_there(COURSE):
    packages = NEEDED.split(", ")
    missing = [p for p in packages if not is_there(p)]
for package in WHEEL, SOURCE:
    if not is_there(COURSE):
        pip = [sys.executable, "-m", "pip", "install", "--quiet"]
        pip += ["--no-input", "--no-compile", "--retries=1"]
        pip += ["--disable-pip-version-check", package]
        if not missing:
            pip += ["--no-deps"]  # they are there, as on Colab
        done = subprocess.run(pip, capture_output=True)
        lines = done.stderr.decode(errors="replace").splitlines()
        errors = [t for t in lines if t.lower().startswith("error")]
        said = said or (errors or lines[-1:] or [""])[0][:300]
        if site.ENABLE_USER_SITE:  # pip may have made that folder
            site.addsitedir(site.getusersitepackages())
        importlib.invalidate_caches()
if not is_there(COURSE):
    raise SystemExit(
        "The package bncourse is missing or too old, and could not be "
        "installed. Connect to the network and run this cell again, or "
        f"install it as {{SITE}}/guides/running.html says. pip: {{said}}"
    )
for name in {{p.split()[0] for p in missing}} & set(sys.modules):
    raise SystemExit(f"{{name}} is new: restart the kernel and start over.")
"""
"""What the first code cell of every notebook is. The wheel beside the pages needs no git and no build; the repository
has the version also when the site has moved on to a later one. Without ``--no-deps`` pip reads what every installed
package says of itself, which takes several times as long as the rest; it does so where a package is missing or older
than the course needs, and brings the newest. A package without metadata is a folder on the path: a checkout's, or the
sandbox's."""

FROZEN = {"CHANGELOG.md", "package-lock.json", "requirements.lock", "tools/identity.py", "tests/test_identity.py"}
"""Files that speak about the past, or that hold no name of ours."""


class IdentityError(ValueError):
    """A title, an address or a version that the course cannot have."""


@dataclass(frozen=True)
class Identity:
    """What the course is called, where it is, and which version this is."""

    title: str
    url: str
    site: str
    version: str

    @property
    def name(self) -> str:
        """The name of the repository, and of the folder that a clone makes."""
        return self.url.rpartition("/")[2]

    @property
    def path(self) -> str:
        """Whose repository it is, and its name, as in ``OWNER/NAME``."""
        return self.url.removeprefix("https://github.com/")

    @property
    def wheel(self) -> str:
        """The name of the package's file beside the pages."""
        return f"bncourse-{self.version}-py3-none-any.whl"

    @property
    def first_cell(self) -> str:
        """The source of the first code cell of every notebook."""
        needed = ", ".join(f"{name} {least}" for name, least in packages_needed())
        cell = FIRST_CELL.format(site=self.site, wheel=self.wheel, url=self.url, version=self.version, needed=needed)
        return cell.rstrip("\n")


def packages_needed() -> list[tuple[str, str]]:
    """The packages that the course's package depends on, each with its lower bound, of at most two numbers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    everywhere = [requirement for requirement in project["dependencies"] if ";" not in requirement]
    bounds = (re.fullmatch(r"([\w.-]+)>=(\d+(?:\.\d+)?)", requirement) for requirement in everywhere)
    return sorted(bound.groups() for bound in bounds)


def read(root: Path = ROOT) -> Identity:
    """The identity that the checkout in ``root`` has."""
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    package = (root / "src" / "bncourse" / "__init__.py").read_text("utf-8")
    return Identity(
        title=config["title"],
        url=config["repository"]["url"],
        site=config["sphinx"]["config"]["html_baseurl"].rstrip("/"),
        version=re.search(r'^__version__ = "(.+)"$', package, flags=re.MULTILINE)[1],
    )


def changed(old: Identity, *, title: str | None, url: str | None, site: str | None, version: str | None) -> Identity:
    """``old`` with what is given, checked.

    Raises:
        IdentityError: for a bad address, an empty title, or a version that is not X.Y.Z.
    """
    if url is not None:
        given_url, url = url, url.rstrip("/").removesuffix(".git")
        parts = urlsplit(url)
        path = re.fullmatch(r"/([\w.-]+)/([\w.-]+)", parts.path, re.ASCII)
        if parts.scheme != "https" or not re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc, re.ASCII) or not path:
            raise IdentityError(f"URL is {given_url!r}: give the address of the repository as https://HOST/OWNER/NAME")
        if site is None and url != old.url:
            pages = {"github.com": "github.io", "gitlab.com": "gitlab.io"}.get(parts.netloc)
            if pages is None:
                raise IdentityError(f"where {parts.netloc} publishes pages is not known: give PAGES=https://… too")
            site = f"https://{path[1].lower()}.{pages}"
            if path[2].lower() != urlsplit(site).netloc:  # the one repository whose pages are at the root
                site += f"/{path[2]}"
    if site is not None and not re.fullmatch(r"https://[\w-]+(\.[\w-]+)+(/[\w.-]+)*/?", site, re.ASCII):
        raise IdentityError(f"PAGES is {site!r}: give the address of the published pages as https://HOST/PATH")
    if title is not None and (not title.strip() or not title.isprintable() or '"' in title):
        raise IdentityError(f"TITLE is {title!r}: give a text on one line, without double quotes")
    if version is not None and not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise IdentityError(f"VERSION is {version!r}: give three numbers, as in 0.2.0")
    given = {"title": title and title.strip(), "url": url, "site": site and site.rstrip("/"), "version": version}
    return dataclasses.replace(old, **{key: value for key, value in given.items() if value is not None})


def texts(root: Path) -> list[Path]:
    """Every text file of the checkout that may state the identity."""
    listed = None
    if (root / ".git").exists() and shutil.which("git"):
        list_files = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(list_files, cwd=root, capture_output=True, encoding="utf-8")
    if listed and listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:  # an archive of the repository, a machine without git, or a checkout that git takes for somebody else's
        made = re.compile(r"\.git|\.venv|_build|node_modules|dist|htmlcov|__pycache__|\..*_cache|\.hypothesis")
        inside = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        names = [path.as_posix() for path in inside if not any(map(made.fullmatch, path.parts))]
    kinds = {".md", ".yml", ".yaml", ".cff", ".toml", ".json", ".py", ".ipynb", ".txt", ""}
    return [
        root / name
        for name in sorted(set(names) - FROZEN)
        if Path(name).suffix in kinds and name != "names.txt" and (root / name).is_file()
    ]


def rewritten(text: str, old: Identity, new: Identity) -> str:
    """A file's text with the new addresses and version in place of the old ones."""
    # The longest first: one address may be the beginning of another.
    pairs = {
        f"{old.url} && cd {old.name}": f"{new.url} && cd {new.name}",
        f"/YOU/{old.name} && cd {old.name}": f"/YOU/{new.name} && cd {new.name}",
        old.url: new.url,
        f"https://codespaces.new/{old.path}": f"https://codespaces.new/{new.path}",
        f"https://mybinder.org/v2/gh/{old.path}": f"https://mybinder.org/v2/gh/{new.path}",
        old.site: new.site,
        old.wheel: new.wheel,
    }
    whole = "|".join(re.escape(key) for key in sorted(pairs, key=len, reverse=True))
    return re.sub(rf"(?:{whole})(?![\w-])", lambda found: pairs[found[0]], text)


def settings(root: Path, old: Identity, new: Identity) -> None:
    """Write the title and the version, each into the files that state it on a line of its own."""
    lines = {
        "_config.yml": [("title: ", old.title, new.title), ("    ogp_site_name: ", old.title, new.title)],
        "README.md": [("# ", old.title, new.title)],
        "CITATION.cff": [("version: ", old.version, new.version)],
        "src/bncourse/__init__.py": [("__version__ = ", f'"{old.version}"', f'"{new.version}"')],
    }
    for name, pairs in lines.items():
        path = root / name
        text = path.read_text("utf-8")
        for begin, before, after in pairs:
            if before == after:
                continue
            forms, line = [before], begin + after
            if name == "_config.yml":  # a string of JSON is one of YAML too, whatever stands in it
                forms += [f"'{before}'", json.dumps(before, ensure_ascii=False)]
                line = begin + json.dumps(after, ensure_ascii=False)
            pattern = rf"^{re.escape(begin)}({'|'.join(map(re.escape, forms))})$"
            text, count = re.subn(pattern, lambda _, line=line: line, text, count=1, flags=re.MULTILINE)
            if not count:
                raise IdentityError(f"{name} has no line {begin + before!r} to change")
        write(path, text)


def first_cells(root: Path, identity: Identity) -> None:
    """Write the first code cell of every notebook."""
    for path in sorted([*root.glob("chapters/*.ipynb"), *root.glob("*/*/*.ipynb")]):
        if path.relative_to(root).parts[0] not in ("chapters", "exercises", "solutions"):
            continue
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
        if cell.source == identity.first_cell:
            continue
        cell.source = identity.first_cell
        # By which nbgrader knows whether a learner has changed a locked cell.
        if "checksum" in cell.metadata.get("nbgrader", {}):
            from nbgrader.utils import compute_checksum  # takes a second, which the tests that read do not need

            cell.metadata.nbgrader.checksum = compute_checksum(cell)
        write(path, nbformat.writes(notebook) + "\n")


def write(path: Path, text: str) -> None:
    """Write a file if that changes it, and say so."""
    if path.read_text("utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"changed {path}")


def released(root: Path, version: str) -> None:
    """Give what CHANGELOG.md lists as unreleased its version and its day."""
    path = root / "CHANGELOG.md"
    text = path.read_text("utf-8")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    new, count = re.subn(
        r"^## Unreleased\n", f"## Unreleased\n\n## {version} ({today})\n", text, count=1, flags=re.MULTILINE
    )
    if not count:
        raise IdentityError("CHANGELOG.md has no heading '## Unreleased' whose list would be the one of this version")
    write(path, new)


def apply(root: Path, old: Identity, new: Identity) -> None:
    """Change a checkout from one identity to the other."""
    settings(root, old, new)
    if old != new:
        for path in texts(root):
            write(path, rewritten(path.read_text("utf-8"), old, new))
    first_cells(root, new)


def main() -> int:
    """Do what the command line asks; returns the exit status."""
    options = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--url", help="address of the repository: https://HOST/OWNER/NAME")
    options.add_argument("--site", help="address of the published pages (default: where GitHub or GitLab has them)")
    options.add_argument("--title", help="title of the book")
    options.add_argument("--version", help="version of the package, as in 0.2.0")
    options.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: this one)")
    given = options.parse_args()
    try:
        old = read(given.root)
        new = changed(old, title=given.title, url=given.url, site=given.site, version=given.version)
        apply(given.root, old, new)
        if new.version != old.version:
            released(given.root, new.version)
    except IdentityError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
