# parts: uniform_loss, cross_entropy, init_output_layer
