# parts: activation_summary, grad_to_data, update_to_data
# %% wrong: summary-off, activation_summary: all-of-absolute-values, h is overwritten by its size
# %% wrong: summary-off, activation_summary: mean-and-std-exchanged, std_mean returns the mean last
# %% wrong: summary-off, activation_summary: positive-half-only, no absolute value
# %% wrong: summary-off, activation_summary: saturated-count, the number of them
# %% wrong: summary-off, activation_summary: saturated-percent, as in the print of the lecture
# %% wrong: summary-off, activation_summary: tanh-applied-again, pre-activations were expected
# %% wrong: another-rate-chosen, update_to_data: logarithm-missing, the plain ratio
# %% wrong: another-rate-chosen, update_to_data: natural-logarithm, torch.log
# %% wrong: another-rate-chosen, update_to_data: logarithm-to-base-two, as for bits
# %% wrong: another-rate-chosen, update_to_data: lr-missing, the gradient for the update
# %% wrong: another-rate-chosen, update_to_data: lr-outside-logarithm, multiplied last
# %% wrong: another-ratio, grad_to_data: data-to-grad, upside down
# %% wrong: another-ratio, grad_to_data: ratio-of-variances, without the root
# %% wrong: another-ratio, grad_to_data: ratio-of-means, with their signs
# %% wrong: another-ratio, grad_to_data: ratio-of-largest, the largest entries
# %% wrong: another-ratio, grad_to_data: std-of-entrywise-ratios, divided before
