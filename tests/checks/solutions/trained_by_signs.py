# parts: activation_summary, grad_to_data, update_to_data
