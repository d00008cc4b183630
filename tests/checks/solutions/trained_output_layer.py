# parts: uniform_loss, cross_entropy, init_output_layer
# %% wrong: first-loss-off, uniform_loss: negative-loss, no minus before the logarithm
# %% wrong: first-loss-off, cross_entropy: summed-over-batch, the reduction is a sum
# %% wrong: first-loss-off, init_output_layer: weights-and-bias-of-size-one, the bad start of the chapter
# %% wrong: first-loss-off, uniform_loss: loss-in-bits, base 2
# %% wrong: first-loss-off, cross_entropy: negative-loss-of-logits, the minus is forgotten
# %% wrong: first-loss-off, init_output_layer: weights-of-size-one, only the bias is fixed
# %% wrong: first-loss-off, uniform_loss: loss-in-base-ten, the calculator's log
# %% wrong: first-loss-off, cross_entropy: divided-by-classes-too, the mean of the one-hot product
# %% wrong: first-loss-off, init_output_layer: weights-still-too-large, a factor of a tenth
# %% wrong: first-loss-off, uniform_loss: entropy-of-letters, the guess by frequency
# %% wrong: first-loss-off, cross_entropy: cross-entropy-in-bits, the logarithm to base 2
# %% wrong: first-loss-off, init_output_layer: weights-still-too-large, the 0.2 of the hidden layer
# %% wrong: first-loss-off, uniform_loss: probability-of-guess, no logarithm at all
# %% wrong: training-loss-off, cross_entropy: softmax-twice, probabilities taken for logits
# %% wrong: training-loss-off, cross_entropy: log-after-mean, averaged too early
# %% wrong: training-loss-off, cross_entropy: reference-handed-in, from the course's package
