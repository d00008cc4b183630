"""Checks of what the learner writes, one per object of the assignments.

Each takes the learner's class or function and gives a report, which shows itself and never raises::

    checks.running_statistics(BatchNorm1d)              # what is right, and what is not yet
    checks.running_statistics(BatchNorm1d).require()    # raises AssertionError unless all is right

``bncourse.observing`` asks and observes; ``bncourse.judging`` knows what is right, and what each wrong answer
means. In the sandbox of grading there is no judging, and a check that is called there says so.
"""

from typing import TYPE_CHECKING

from bncourse.observing.unjudged import UNJUDGED, NoVerdict, is_sandbox

# To whoever checks types, the checks are those outside the sandbox.
if TYPE_CHECKING or not is_sandbox():
    from bncourse.judging.answers import CHECKS as KNOWN
    from bncourse.judging.report import Report
else:
    KNOWN = UNJUDGED
    Report = NoVerdict

uniform_loss = KNOWN["uniform_loss"]
cross_entropy = KNOWN["cross_entropy"]
init_output_layer = KNOWN["init_output_layer"]
kaiming_std = KNOWN["kaiming_std"]
linear = KNOWN["linear"]
measured_gain = KNOWN["measured_gain"]
tanh = KNOWN["tanh"]
saturated_fraction = KNOWN["saturated_fraction"]
dead_units = KNOWN["dead_units"]
batchnorm_forward = KNOWN["batchnorm_forward"]
batchnorm_training = KNOWN["batchnorm_training"]
running_statistics = KNOWN["running_statistics"]
calibrate = KNOWN["calibrate"]
batchnorm_backward = KNOWN["batchnorm_backward"]
activation_summary = KNOWN["activation_summary"]
grad_to_data = KNOWN["grad_to_data"]
update_to_data = KNOWN["update_to_data"]
shattering = KNOWN["shattering"]
residual_block = KNOWN["residual_block"]
torch_model = KNOWN["torch_model"]
bug_hunt = KNOWN["bug_hunt"]
batchnorm2d = KNOWN["batchnorm2d"]
batchnorm3d = KNOWN["batchnorm3d"]
freeze_batchnorm = KNOWN["freeze_batchnorm"]
accumulate = KNOWN["accumulate"]
loss_along_gradient = KNOWN["loss_along_gradient"]
is_scale_invariant = KNOWN["is_scale_invariant"]
layernorm = KNOWN["layernorm"]
groupnorm = KNOWN["groupnorm"]
fold_batchnorm = KNOWN["fold_batchnorm"]
vital_signs = KNOWN["vital_signs"]
diagnose = KNOWN["diagnose"]
cure = KNOWN["cure"]

__all__ = [
    "Report",
    "accumulate",
    "activation_summary",
    "batchnorm2d",
    "batchnorm3d",
    "batchnorm_backward",
    "batchnorm_forward",
    "batchnorm_training",
    "bug_hunt",
    "calibrate",
    "cross_entropy",
    "cure",
    "dead_units",
    "diagnose",
    "fold_batchnorm",
    "freeze_batchnorm",
    "grad_to_data",
    "groupnorm",
    "init_output_layer",
    "is_scale_invariant",
    "kaiming_std",
    "layernorm",
    "linear",
    "loss_along_gradient",
    "measured_gain",
    "residual_block",
    "running_statistics",
    "saturated_fraction",
    "shattering",
    "tanh",
    "torch_model",
    "uniform_loss",
    "update_to_data",
    "vital_signs",
]

# Those of a fork's own assignments, which need no line above.
OWN = [name for name in KNOWN if name not in __all__]
globals().update({name: KNOWN[name] for name in OWN})
__all__.extend(OWN)
