"""How the laboratory writes numbers."""

import json
import subprocess

from building import ROOT
from lab.engine import NODE

WRITTEN = {
    "3.69e-4": "3.69\u00a0·\u00a010⁻⁴",
    "1.2e+15": "1.2\u00a0·\u00a010¹⁵",
    "-3.7": "−3.7",
    "-1.00e-12": "−1.00\u00a0·\u00a010⁻¹²",
    "0.85": "0.85",
}


def test_numbers_are_written_as_by_hand():
    module = json.dumps((ROOT / "_static" / "lab" / "numbers.mjs").as_uri())
    code = f"import {{ byHand }} from {module}; console.log(JSON.stringify({json.dumps(list(WRITTEN))}.map(byHand)));"
    command = [NODE, "--input-type=module", "--eval", code]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout) == list(WRITTEN.values())
