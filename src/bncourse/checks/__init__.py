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
trained_output_layer = KNOWN["trained_output_layer"]
kaiming_std = KNOWN["kaiming_std"]
linear = KNOWN["linear"]
measured_gain = KNOWN["measured_gain"]
trained_stack = KNOWN["trained_stack"]
tanh = KNOWN["tanh"]
saturated_fraction = KNOWN["saturated_fraction"]
dead_units = KNOWN["dead_units"]
trained_tanh = KNOWN["trained_tanh"]
batchnorm_forward = KNOWN["batchnorm_forward"]
trained_forward = KNOWN["trained_forward"]
batchnorm_training = KNOWN["batchnorm_training"]
trained_batchnorm = KNOWN["trained_batchnorm"]
running_statistics = KNOWN["running_statistics"]
calibrate = KNOWN["calibrate"]
trained_running_statistics = KNOWN["trained_running_statistics"]
batchnorm_backward = KNOWN["batchnorm_backward"]
trained_backward = KNOWN["trained_backward"]
activation_summary = KNOWN["activation_summary"]
grad_to_data = KNOWN["grad_to_data"]
update_to_data = KNOWN["update_to_data"]
trained_by_signs = KNOWN["trained_by_signs"]
shattering = KNOWN["shattering"]
residual_block = KNOWN["residual_block"]
torch_model = KNOWN["torch_model"]
bug_hunt = KNOWN["bug_hunt"]
trained_torch_model = KNOWN["trained_torch_model"]
batchnorm2d = KNOWN["batchnorm2d"]
batchnorm3d = KNOWN["batchnorm3d"]
trained_image_norm = KNOWN["trained_image_norm"]
freeze_batchnorm = KNOWN["freeze_batchnorm"]
accumulate = KNOWN["accumulate"]
loss_along_gradient = KNOWN["loss_along_gradient"]
is_scale_invariant = KNOWN["is_scale_invariant"]
trained_line_search = KNOWN["trained_line_search"]
layernorm = KNOWN["layernorm"]
groupnorm = KNOWN["groupnorm"]
fold_batchnorm = KNOWN["fold_batchnorm"]
trained_successors = KNOWN["trained_successors"]
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
    "trained_backward",
    "trained_batchnorm",
    "trained_by_signs",
    "trained_forward",
    "trained_image_norm",
    "trained_line_search",
    "trained_output_layer",
    "trained_running_statistics",
    "trained_stack",
    "trained_successors",
    "trained_tanh",
    "trained_torch_model",
    "uniform_loss",
    "update_to_data",
    "vital_signs",
]

# Those of a fork's own assignments, which need no line above.
OWN = [name for name in KNOWN if name not in __all__]
globals().update({name: KNOWN[name] for name in OWN})
__all__.extend(OWN)
