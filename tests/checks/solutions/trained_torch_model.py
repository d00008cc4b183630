# parts: torch_model, bug_hunt
