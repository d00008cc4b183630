"""Schematics: their numbers are those of the layers, and their texts can be read on a phone, in light and dark."""

import base64
import re
from html import escape

import numpy as np
import pytest
import torch

from bncourse import schematics
from bncourse.layers import BatchNorm1d
from bncourse.models import char_mlp
from bncourse.schematics import batchnorm, networks
from bncourse.schematics.drawing import FALLBACK, WIDTH, number
from building import ROOT

X = np.array([[1, 2], [2, 4], [3, 6], [4, 8], [5, 10]], dtype=float)
DY = np.array([[5, 5], *[[0, 0]] * 4], dtype=float)
N, C, L = np.indices((3, 6, 4))
GRIDS = {"BatchNorm": C == 3, "LayerNorm, images": N == 1, "GroupNorm, 2 groups": (N == 1) & (C >= 3)}

PICTURES = {
    "name_network": schematics.name_network(char_mlp("bad", generator=torch.Generator())),
    "name_network, with BatchNorm": schematics.name_network(char_mlp("batchnorm", generator=torch.Generator())),
    "tanh_transfer": schematics.tanh_transfer(),
    "residual_blocks": schematics.residual_blocks(),
    "batch_matrix": schematics.batch_matrix(X),
    "forward_graph": schematics.forward_graph(X),
    "backward_graph": schematics.backward_graph(X, DY),
    "two_modes": schematics.two_modes(),
    "averaged": schematics.averaged(GRIDS, (1, 3, 2)),
}

ON_A_PHONE = 358
"""Pixels that a column of text has on a screen of 390."""

LEGIBLE = 9
"""Pixels that a label is high at least."""


def texts(name: str) -> list[str]:
    """What is written in a picture."""
    return re.findall(r"<text [^>]*>([^<]*)</text>", PICTURES[name]._repr_html_())


def test_every_picture_is_tried():
    assert {name.partition(",")[0] for name in PICTURES} == set(schematics.__all__) - {"Drawing"}


@pytest.mark.parametrize("seed", range(3))
def test_steps_agree_with_the_layer_and_with_autograd(seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(5, 2, generator=generator, dtype=torch.float64) * 3 + 1
    dy = torch.randn(5, 2, generator=generator, dtype=torch.float64)
    steps = batchnorm.steps(x.numpy(), dy.numpy(), eps=1e-5)
    leaf = x.clone().requires_grad_()
    y = BatchNorm1d(2).double()(leaf)
    y.backward(dy)
    assert np.allclose(steps.values["y"], y.detach(), rtol=0, atol=1e-12)
    assert np.allclose(steps.gradients["x"], leaf.grad, rtol=0, atol=1e-12)
    mean = x.mean(0)
    middle = {"mean": mean, "var": (x - mean).square().mean(0)}
    middle |= {"inv_std": (middle["var"] + 1e-5) ** -0.5, "centred": x - mean}
    leaves = {name: value.clone().requires_grad_() for name, value in middle.items()}
    # The gradient at each value in the middle, from autograd: everything after it is computed again.
    after_var = (leaves["var"] + 1e-5) ** -0.5 * (x - mean)
    centred = leaves["centred"]
    after_centred = centred * (centred.square().mean(0) + 1e-5) ** -0.5
    shifted = x - leaves["mean"]
    after_mean = shifted * (shifted.square().mean(0) + 1e-5) ** -0.5
    after_inv_std = leaves["inv_std"] * (x - mean)
    for name, out in {
        "var": after_var, "centred": after_centred, "mean": after_mean, "inv_std": after_inv_std,
    }.items():  # fmt: skip
        out.backward(dy)
        assert np.allclose(steps.gradients[name], leaves[name].grad, rtol=0, atol=1e-12), name


def test_graphs_show_every_number_of_the_worked_example():
    steps = batchnorm.steps(X, DY)
    for name, shown in (("forward_graph", steps.values), ("backward_graph", steps.gradients)):
        written = texts(name)
        for values in shown.values():
            for value in np.asarray(values).ravel():
                written.remove(number(value)) if number(value) in written else pytest.fail(f"{value} is not in {name}")


@pytest.mark.parametrize("scheme", ["bad", "batchnorm"])
def test_network_has_the_shapes_and_the_parameters_of_the_model(scheme):
    model = char_mlp(scheme, hidden=50, embedding=4, block_size=2, generator=torch.Generator())
    drawn = schematics.name_network(model)._repr_html_()
    for text in ("(N, 2)", "(N, 8)", "(N, 50)", "(N, 27)", "27 × 4 = 108 parameters", "450 parameters"):
        assert text in drawn
    assert f"{sum(p.numel() for p in model.parameters()):,} parameters" in drawn
    assert ("BatchNorm: 100 parameters" in drawn) == (scheme == "batchnorm")


@pytest.mark.parametrize("sigma", [0.5, 1, 31**0.5])
def test_transfer_agrees_with_drawn_numbers(sigma):
    z = sigma * torch.randn(1_000_000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    h = torch.tanh(z)
    assert networks.slope_left(sigma) == pytest.approx((1 - h**2).mean().item(), abs=0.002)
    assert networks.saturated(sigma) == pytest.approx((h.abs() > 0.97).double().mean().item(), abs=0.002)
    counted = torch.histc(h, 20, -1, 1) / len(h)
    assert np.allclose(networks.shares(sigma, 20), counted, atol=0.002)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_named_and_described(name):
    picture = PICTURES[name]
    svg = picture._repr_html_()
    title, words = re.search(r'aria-labelledby="(\S+) (\S+)"', svg).groups()
    assert f'<title id="{title}">{escape(picture.title)}</title>' in svg
    assert f'<desc id="{words}">' in svg
    assert len(picture.words.split()) >= 25
    assert str(picture) == f"{picture.title}. {picture.words}"
    assert len({p.name for p in PICTURES.values()}) == len(PICTURES)


MEASURE = """() => [...document.querySelectorAll("svg")].map((svg) => {
    const frame = svg.getBoundingClientRect(), faults = [];
    const texts = [...svg.querySelectorAll("text")].map((t) => [t.textContent, t.getBoundingClientRect(), t]);
    const size = (t) => parseFloat(getComputedStyle(t).fontSize) * frame.width / svg.viewBox.baseVal.width;
    texts.forEach(([name, a, element], i) => {
        if (size(element) < SIZE) faults.push(`${name}: ${size(element).toFixed(1)} px high`);
        if (a.left < frame.left + 1 || a.right > frame.right - 1 || a.top < frame.top || a.bottom > frame.bottom)
            faults.push(`${name}: cut off`);
        for (const [other, b] of texts.slice(i + 1))
            if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom - 2 && b.top + 2 < a.bottom - 2)
                faults.push(`${name} over ${other}`);
        for (const box of svg.querySelectorAll("rect")) {
            const b = box.getBoundingClientRect(), y = (a.top + a.bottom) / 2;
            const inside = (x) => b.left < x && x < b.right;
            if (b.top < y && y < b.bottom && inside((a.left + a.right) / 2) && !(inside(a.left) && inside(a.right)))
                faults.push(`${name} leaves its box`);
        }
    });
    return faults;
})"""


FACES = {
    "sans": "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2",
    "mono": "@fontsource-variable/source-code-pro/files/source-code-pro-latin-wght-normal.woff2",
}


def style_of_site() -> str:
    """The faces of the site, as its style sheet names them."""
    faces = "".join(
        f"@font-face {{ font-family: {name}; font-weight: 200 900; src: url(data:font/woff2;base64,"
        f"{base64.b64encode((ROOT / 'node_modules' / path).read_bytes()).decode()}) }}"
        for name, path in FACES.items()
    )
    return f"<style>{faces}:root {{ --pst-font-family-base: sans; --pst-font-family-monospace: mono }}</style>"


@pytest.fixture(scope="module")
def page():
    # Here, because the fast tests need neither a browser nor what drives it.
    from playwright.sync_api import sync_playwright

    from browsing import launch_browser

    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


@pytest.mark.whole
@pytest.mark.parametrize("width", [ON_A_PHONE, 560])
def test_texts_are_large_enough_whole_and_apart(page, width):
    pictures = "".join(picture._repr_html_() for picture in PICTURES.values())
    page.set_content(f'{style_of_site()}<body style="margin: 0; width: {width}px">{pictures}')
    page.evaluate("document.fonts.ready")
    faults = page.evaluate(MEASURE.replace("SIZE", str(LEGIBLE)))
    assert dict(zip(PICTURES, faults, strict=True)) == {name: [] for name in PICTURES}
    assert page.locator("svg").first.bounding_box()["width"] == width


@pytest.mark.whole
def test_the_measure_sees_what_is_wrong(page):
    """Small, cut off, on top of each other, and out of its box: each is found."""
    drawing = schematics.Drawing("wrong", "Wrong", "Everything.", 60)
    drawing.text(380, 20, "much too long")
    drawing.text(20, 20, "one")
    drawing.text(22, 22, "two")
    drawing.text(20, 50, "tiny", size=8)
    drawing.box(100, 30, 70, 20)
    drawing.text(105, 45, "longer than the box")
    page.set_content(f'<body style="margin: 0; width: {ON_A_PHONE}px">{drawing._repr_html_()}')
    (faults,) = page.evaluate(MEASURE.replace("SIZE", str(LEGIBLE)))
    assert sorted(faults) == [
        "longer than the box leaves its box", "much too long: cut off", "one over two", "tiny: 7.2 px high",
    ]  # fmt: skip


@pytest.mark.whole
def test_colours_follow_the_page_and_stay_legible_without_one(page):
    picture = PICTURES["forward_graph"]._repr_html_()
    ink = "() => getComputedStyle(document.querySelector('text')).fill"
    page.set_content(picture)
    assert page.evaluate(ink) == "rgb(27, 31, 36)"
    page.set_content(f"<style>:root {{ --ink: #e4e7eb }}</style>{picture}")
    assert page.evaluate(ink) == "rgb(228, 231, 235)"
    used = {name for picture in PICTURES.values() for name in re.findall(r"var\(--(\w+), #", picture._repr_html_())}
    assert used <= set(FALLBACK)


def test_widths_agree():
    assert f'viewBox="0 0 {WIDTH} ' in PICTURES["averaged"]._repr_html_()
