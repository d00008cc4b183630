"""The race on the home page: two initialisations of the same network from one seed, on the same minibatches."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path

from course_site.digest import digest

SEED = 2147483647
"""That of the course's published runs."""

STEPS, EVERY, NAMES_AT = 600, 10, (0, 100, 300, 600)

DEPENDENCIES = ["_ext/course_site/race.py", "src/bncourse/*.py", "src/bncourse/layers/*.py", "names.txt"]


@dataclass(frozen=True)
class Runner:
    """One of the two networks.

    Attributes:
        label: what tells it from the other one.
        first: the loss of its first minibatch, in nats.
        losses: the mean loss of each stretch of ``EVERY`` steps.
        names: what it makes up after each number of steps in ``NAMES_AT``.
    """

    label: str
    first: float
    losses: list[float]
    names: list[list[str]]


def run(root: Path, cache: Path) -> list[Runner]:
    """Return the race, trained now unless what it depends on has not changed since the last build."""
    kept = cache / f"race-{digest(root, DEPENDENCIES)}.json"
    if not kept.exists():
        runners = [vars(train(label, scheme)) for label, scheme in (("N(0, 1)", "bad"), ("Kaiming", "kaiming"))]
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(runners), "utf-8")
    return [Runner(**data) for data in json.loads(kept.read_text("utf-8"))]


def train(label: str, scheme: str) -> Runner:
    """Train one network; the package is imported here, because only the first build needs it."""
    import torch

    from bncourse import training
    from bncourse.models import char_mlp
    from bncourse.names import load_splits

    torch.set_num_threads(1)
    splits = load_splits()
    generator = torch.Generator().manual_seed(SEED)
    model = char_mlp(scheme, generator=generator)
    losses, names = [], [invent(model)]
    for before, after in itertools.pairwise(NAMES_AT):
        steps = after - before
        losses += training.train(model, splits.train, steps, 0.1, generator=generator, progress=False).losses
        names.append(invent(model))
    means = [round(sum(losses[i : i + EVERY]) / EVERY, 3) for i in range(0, STEPS, EVERY)]
    return Runner(label, round(losses[0], 2), means, names)


def invent(model: object, count: int = 3, longest: int = 12) -> list[str]:
    """Let a network make up names, always with the same random numbers."""
    import torch

    from bncourse.names import Vocabulary, load_words

    letters = Vocabulary.from_words(load_words())
    generator = torch.Generator().manual_seed(10)
    found = []
    for _ in range(count):
        context, name = [0] * 3, ""
        while len(name) < longest:
            with torch.no_grad():
                chances = torch.softmax(model(torch.tensor([context])), dim=1)
            index = torch.multinomial(chances, 1, generator=generator).item()
            if index == 0:
                break
            context, name = [*context[1:], index], name + letters.itos[index]
        found.append(name or "(empty)")
    return found


WIDTH, HEIGHT, LEFT, BOTTOM = 600, 300, 46, 34

TOP_LOSS, LOW_LOSS = 30.0, 2.0
"""The ends of the vertical axis, which is logarithmic."""


def place(index: int, loss: float) -> tuple[float, float]:
    """Return where the mean of one stretch of steps is drawn."""
    x = LEFT + (WIDTH - LEFT - 12) * index / (STEPS / EVERY - 1)
    share = (math.log(loss) - math.log(LOW_LOSS)) / (math.log(TOP_LOSS) - math.log(LOW_LOSS))
    return x, (HEIGHT - BOTTOM) - (HEIGHT - BOTTOM - 12) * share


def picture(runners: list[Runner]) -> str:
    """Return the finished race as SVG in the colours of the page; ``race.js`` draws it again on request."""

    def path(losses: list[float]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(i, loss) for i, loss in enumerate(losses)))

    guess = math.log(27)
    right, middle = WIDTH - 12, place(0, guess)[1]
    lines = [
        f'<line class="race-guess" x1="{LEFT}" x2="{right}" y1="{middle:.1f}" y2="{middle:.1f}"/>',
        f'<text class="race-quiet" x="{right}" y="{middle - 6:.1f}" text-anchor="end">'
        f"a blind guess: {guess:.2f}</text>",
    ]
    for loss in (2, 3, 5, 10, 20, 30):
        y = place(0, loss)[1]
        lines.append(f'<text class="race-quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{loss}</text>')
    for step in (0, 200, 400, 600):
        x = LEFT + (right - LEFT) * step / STEPS
        lines.append(f'<text class="race-quiet" x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{step}</text>')
    for runner, name in zip(runners, "ab", strict=True):
        lines.append(f'<path class="race-{name}" d="{path(runner.losses)}"/>')
    last = [runner.losses[-1] for runner in runners]
    text = (
        "Loss against steps, on a logarithmic axis, for two initialisations from one seed. "
        f"{runners[0].label} begins at {runners[0].first:.1f} and is at {last[0]:.2f} "
        f"after {STEPS} steps; {runners[1].label} begins at "
        f"{runners[1].first:.2f} and is at {last[1]:.2f}."
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text}">{"".join(lines)}</svg>'
