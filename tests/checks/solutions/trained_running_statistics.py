# parts: running_statistics, calibrate
# %% wrong: gradient-does-not-fit, running_statistics: statistics-without-gradient, all the statistics under no_grad
# %% wrong: gradient-does-not-fit, running_statistics: statistics-without-gradient, by detach
# %% wrong: output-mean-off, running_statistics: training-uses-running, the running statistics normalise always
# %% wrong: neighbours-needed, running_statistics: eval-uses-batch, the running statistics are kept and never used
# %% wrong: gamma-or-beta-off, running_statistics: beta-missing, it is there and not used
# %% wrong: gamma-or-beta-off, running_statistics: no-parameters, a tensor where a Parameter is needed
# %% wrong: running-mean-off, running_statistics: momentum-reversed, 0.1 of the old one as in other frameworks
# %% wrong: output-spread-off, running_statistics: divides-by-variance, no root
# %% wrong: running-mean-off, running_statistics: no-update, local names are assigned
# %% wrong: changed-by-evaluation, running_statistics: updates-in-evaluation, the update stands after the if
# %% wrong: running-variance-off, running_statistics: biased-running-variance, the batch's own variance is stored
# %% wrong: running-variance-off, running_statistics: biased-running-variance, correction=0 by hand and stored
# %% wrong: running-variance-off, running_statistics: running-std, torch.std is stored as the variance
# %% wrong: calibration-off, calibrate: second-moment, the squares are averaged as they are
# %% wrong: calibration-off, calibrate: biased-mean-of-batch-statistics, each batch counts alike and divides by its rows
# %% wrong: calibration-off, calibrate: spread-between-batches-missing, each batch around its own mean
# %% wrong: calibration-off, calibrate: not-stored, only returned
# %% wrong: calibration-off, calibrate: not-stored, the variance alone
# %% wrong: calibration-off, calibrate: not-stored, the mean alone
