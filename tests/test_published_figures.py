"""Published figures of a lecture's deep network, which this package reproduces digit by digit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Per tanh: std of the activations, share beyond 0.97 in per cent, std of the gradients, after the 1001st update.
TANH = [
    (0.63, 2.78, 2.640702e-03),
    (0.64, 2.56, 2.245584e-03),
    (0.65, 2.25, 2.045742e-03),
    (0.65, 1.69, 1.983133e-03),
    (0.65, 1.88, 1.952382e-03),
]
# Per weight: grad:data.
WEIGHTS = [8.012630e-03, 4.881091e-02, 6.964619e-02, 6.073739e-02, 5.631483e-02, 5.570125e-02, 1.160106e-01]


def test_the_deep_network_has_the_vital_signs_of_the_lecture():
    command = [sys.executable, ROOT / "benchmarks" / "vital_signs.py"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.startswith("47,024 parameters")
    tanhs = re.findall(r"^Tanh \d +(\S+) +(\S+) +(\S+)% +(\S+)$", printed, re.M)
    ratios = re.findall(r"^\d+\.weight +\S+ +\S+ +(\S+)$", printed, re.M)
    assert len(tanhs) == 5
    # A thousand updates in float32 let another machine's rounding grow; here the digits agree to the last.
    for (mean, std, saturated, gradient), (published_std, published_share, published_gradient) in zip(
        tanhs, TANH, strict=True
    ):
        assert float(mean) == pytest.approx(0, abs=0.006)
        assert float(std) == pytest.approx(published_std, abs=0.006)
        assert float(saturated) == pytest.approx(published_share, abs=0.1)
        assert float(gradient) == pytest.approx(published_gradient, rel=0.01)
    assert [float(r) for r in ratios] == pytest.approx(WEIGHTS, rel=0.01)
