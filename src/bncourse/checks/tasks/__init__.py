"""What learners write, one file per assignment: what is asked of it, and how its answers are observed."""

from bncourse.checks.task import Task
from bncourse.checks.tasks.exercise_01_bad_init_loss import cross_entropy, init_output_layer, uniform_loss
from bncourse.checks.tasks.exercise_02_kaiming_gain import kaiming_std, linear, measured_gain
from bncourse.checks.tasks.exercise_03_tanh_saturation import dead_units, saturated_fraction, tanh
from bncourse.checks.tasks.exercise_04_batchnorm_by_hand import batchnorm_forward
from bncourse.checks.tasks.exercise_05_batchnorm_in_the_network import batchnorm_training
from bncourse.checks.tasks.exercise_06_running_statistics import calibrate, running_statistics
from bncourse.checks.tasks.exercise_07_backward_pass import batchnorm_backward
from bncourse.checks.tasks.exercise_08_vital_signs import activation_summary, grad_to_data, update_to_data
from bncourse.checks.tasks.exercise_10_torch_nn import bug_hunt, torch_model
from bncourse.checks.tasks.exercise_11_images_and_video import batchnorm2d, batchnorm3d
from bncourse.checks.tasks.exercise_13_why_it_works import is_scale_invariant, loss_along_gradient
from bncourse.checks.tasks.exercise_14_limits_and_successors import fold_batchnorm, groupnorm, layernorm

ALL: dict[str, Task] = {
    thing.name: thing
    for thing in (
        uniform_loss,
        cross_entropy,
        init_output_layer,
        kaiming_std,
        linear,
        measured_gain,
        tanh,
        saturated_fraction,
        dead_units,
        batchnorm_forward,
        batchnorm_training,
        running_statistics,
        calibrate,
        batchnorm_backward,
        activation_summary,
        grad_to_data,
        update_to_data,
        torch_model,
        bug_hunt,
        batchnorm2d,
        batchnorm3d,
        loss_along_gradient,
        is_scale_invariant,
        layernorm,
        groupnorm,
        fold_batchnorm,
    )
}
"""Every task, by its name, in the order of the assignments."""
