"""What is right, and what each wrong answer means, one file per assignment. No submission gets to see this."""

from bncourse.checks.answers.exercise_01_bad_init_loss import cross_entropy, init_output_layer, uniform_loss
from bncourse.checks.answers.exercise_02_kaiming_gain import kaiming_std, linear, measured_gain
from bncourse.checks.answers.exercise_03_tanh_saturation import dead_units, saturated_fraction, tanh
from bncourse.checks.answers.exercise_04_batchnorm_by_hand import batchnorm_forward
from bncourse.checks.answers.exercise_05_batchnorm_in_the_network import batchnorm_training
from bncourse.checks.answers.exercise_06_running_statistics import calibrate, running_statistics
from bncourse.checks.answers.exercise_07_backward_pass import batchnorm_backward
from bncourse.checks.answers.exercise_08_vital_signs import activation_summary, grad_to_data, update_to_data
from bncourse.checks.answers.exercise_10_torch_nn import bug_hunt, torch_model
from bncourse.checks.answers.exercise_11_images_and_video import batchnorm2d, batchnorm3d
from bncourse.checks.answers.exercise_13_why_it_works import is_scale_invariant, loss_along_gradient
from bncourse.checks.answers.exercise_14_limits_and_successors import fold_batchnorm, groupnorm, layernorm
from bncourse.checks.check import Check

ALL: dict[str, Check] = {
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
"""Every check, by its name, in the order of the assignments."""
