# parts: torch_model, bug_hunt
# %% wrong: first-loss-off, torch_model: batchnorm-on-the-logits, the chapter's model copied
# %% wrong: first-loss-off, torch_model: batchnorm-after-tanh, swapped
# %% wrong: first-loss-off, torch_model: no-batchnorm, the network of the first chapters
# %% wrong: first-loss-off, torch_model: no-tanh, the activation forgotten in forward
# %% wrong: first-loss-off, torch_model: relu-for-tanh, out of habit
# %% wrong: first-loss-off, torch_model: probabilities-for-logits, a softmax at the end
# %% wrong: first-loss-off, torch_model: one-hidden-layer-fewer, the output layer counted
# %% wrong: first-loss-off, torch_model: one-hidden-layer-more, the first one stands before a loop over depth
# %% wrong: gradient-does-not-fit, bug_hunt: statistics-without-gradient, a planted slip left in: all of it under no_grad
# %% wrong: gradient-does-not-fit, bug_hunt: tanh-outside-the-graph, NumPy's tanh
# %% wrong: loss-in-evaluation-off, torch_model: output-bias-missing, bias=False everywhere to be safe
# %% wrong: not-all-trained, bug_hunt: gamma-and-beta-not-trainable, plain tensors listed
# %% wrong: not-all-trained, bug_hunt: nothing-listed, an empty list to quieten the error
# %% wrong: not-all-trained, bug_hunt: bias-not-listed, None got rid of together with the bias
