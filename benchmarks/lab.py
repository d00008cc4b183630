"""How fast the laboratory trains in Chromium, beside eager PyTorch on one thread; its memory; its weight.

    python benchmarks/lab.py               # speed and weight: a minute or two
    python benchmarks/lab.py --memory 600  # also train for so many seconds and see what the memory does

Speed: rounds of the engine's worker in a headless browser and of a plain training loop in PyTorch take turns on this
machine, so that both meet the same load; the ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import torch
from playwright.sync_api import Browser, Page, sync_playwright
from torch.nn.functional import cross_entropy

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from bncourse.lab import bundle, make_state  # noqa: E402
from bncourse.lab.reference import Network, data, rate  # noqa: E402
from bncourse.lab.show import notebook_html  # noqa: E402
from browsing import launch_browser  # noqa: E402

NETWORKS: dict[str, tuple[dict[str, Any], int, float | None]] = {
    "the ladder's network": ({"net": "mlp"}, 2000, 0.8),
    "the ladder's network with BatchNorm": ({"net": "mlp", "bn": "before"}, 2000, 1.0),
    "five layers with BatchNorm": ({"net": "deep", "bn": "before"}, 400, None),
    "twenty layers with BatchNorm": ({"net": "deep", "depth": 20, "bn": "before"}, 100, None),
}
"""Settings, steps of a round, and the ratio to reach."""

ROUND = """([state, steps]) => new Promise((resolve) => {
    const url = URL.createObjectURL(new Blob([`(${bncourseLab.engine})()`], { type: "text/javascript" }));
    const worker = new Worker(url);
    let start;
    worker.onmessage = ({ data }) => {
        if (data.step === 0) { worker.postMessage({ type: "run", until: 100 }); return; }
        if (data.stopped && data.step === 100) {
            start = performance.now();
            worker.postMessage({ type: "run", until: 100 + steps });
        } else if (data.step >= 100 + steps) {
            worker.terminate();
            resolve((1000 * steps) / (performance.now() - start));
        }
        worker.postMessage({ type: "drawn", id: data.id });
    };
    worker.postMessage({ type: "names", text: bncourseLab.names });
    worker.postMessage({ type: "start", state, layer: 0, id: 1 });
})"""


def torch_speed(settings: dict[str, Any], steps: int) -> float:
    """Steps per second of a plain loop."""
    state = make_state({**settings, "steps": 200_000})
    generator = torch.Generator().manual_seed(state.a["seed"])
    model, pairs = Network(state.a, generator), data().train
    parameters = list(model.parameters())
    start = 0.0
    for step in range(50 + steps):
        if step == 50:
            start = time.perf_counter()
        batch = torch.randint(0, len(pairs.targets), (state.a["batch"],), generator=generator)
        loss = cross_entropy(model(pairs.contexts[batch]), pairs.targets[batch])
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        with torch.no_grad():
            for parameter in parameters:
                parameter -= rate(state.a, step) * parameter.grad
        loss.item()
    return steps / (time.perf_counter() - start)


def browser_speed(page: Page, settings: dict[str, Any], steps: int) -> float:
    """Steps per second of the engine's worker, its reports included."""
    state = make_state({**settings, "steps": 200_000})
    return page.evaluate(ROUND, [{"a": state.a, "b": None, "twin": False}, steps])


def measure_speed(browser: Browser, rounds: int) -> bool:
    """Print the speeds; whether every goal was reached."""
    page = browser.new_page()
    for script in (bundle.engine(), bundle.names()):
        page.add_script_tag(content=script)
    print(f"{'network':38} {'torch':>9} {'browser':>9} {'ratio':>7} {'goal':>6}   steps per second, {rounds} rounds")
    reached = True
    for name, (settings, steps, goal) in NETWORKS.items():
        pairs = [(torch_speed(settings, steps), browser_speed(page, settings, steps)) for _ in range(rounds)]
        ratio = statistics.median(found / eager for eager, found in pairs)
        eager, found = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{name:38} {eager:9,.0f} {found:9,.0f} {ratio:7.2f} {goal or '–':>6}")
        reached &= goal is None or ratio >= goal
    page.close()
    return reached


def measure_memory(browser: Browser, seconds: int) -> float:
    """Train in the page for so long; print how much the heaps of page and worker have grown, in MB."""
    page = browser.new_page()
    page.set_content(notebook_html({"a": {"net": "deep", "steps": 200_000}, "b": {"bn": "before"}}, full=True))
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Run", exact=True).click()
    session = page.context.new_cdp_session(page)

    def used() -> float:
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    page.wait_for_timeout(10_000)
    before = used()
    page.wait_for_timeout(1000 * seconds)
    grown = used() - before
    print(f"memory of the page after {seconds} s of training: {grown:+.2f} MB (at most 5)")
    page.close()
    return grown


def main() -> None:
    """Measure, and end with 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, default=0, metavar="SECONDS")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name, text, most in (
        ("engine", bundle.engine(), 30),
        ("names", bundle.names(), 110),
        ("page", bundle.page(), 32),
    ):
        print(f"{name}: {len(gzip.compress(text.encode(), 9)) / 1024:.1f} KiB with gzip, at most {most}")
    with sync_playwright() as playwright, launch_browser(playwright) as browser:
        reached = measure_speed(browser, arguments.rounds)
        if arguments.memory:
            reached &= measure_memory(browser, arguments.memory) <= 5
    sys.exit(not reached)


if __name__ == "__main__":
    main()
