"""A JupyterHub on one machine: everybody signs in with the account of the system, and works as that account."""

import os
import shutil

c = get_config()  # noqa: F821

INSTRUCTORS = {"instructor"}

c.JupyterHub.bind_url = os.environ.get("HUB_URL", "http://127.0.0.1:8000")
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True  # whoever has an account on this machine

c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [shutil.which("jupyterhub-singleuser") or "jupyterhub-singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    # Small tensors get slower with every further thread, and here everybody shares the processor.
    "OMP_NUM_THREADS": "1",
    # Learners have no formgrader and no "Create Assignment".
    "JUPYTER_CONFIG_PATH": lambda spawner: "" if spawner.user.name in INSTRUCTORS else "/etc/jupyter/learners",
}
