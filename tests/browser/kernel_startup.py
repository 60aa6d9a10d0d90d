"""Run by each kernel of the tests when it starts: `get_ipython().tidy()` makes it as new."""


def _give_tidy() -> None:
    import gc
    import os
    import sys

    from IPython import get_ipython

    shell, environ, folder = get_ipython(), dict(os.environ), os.getcwd()

    def tidy() -> None:
        """Forget what a test did: its widgets, labs, names, environment, and smtpedu itself."""
        from ipywidgets import Widget

        Widget.close_all()
        for one in gc.get_objects():
            kind = type(one)
            if kind.__name__ == "Lab" and kind.__module__.startswith("smtpedu"):
                one.stop()
        os.environ.clear()
        os.environ.update(environ)
        os.chdir(folder)
        shell.reset()
        for name in [name for name in sys.modules if name.partition(".")[0] == "smtpedu"]:
            del sys.modules[name]

    shell.tidy = tidy


_give_tidy()
del _give_tidy
