"""Puts the extension of JupyterLab into the wheel, an editable one too."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ExtensionHook(BuildHookInterface):  # type: ignore[type-arg]
    """Run by hatchling for each wheel (`tool.hatch.build.targets.wheel.hooks.custom`)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from smtpedu.widgets.page import extension

        self._folder = tempfile.TemporaryDirectory(prefix="smtpedu-extension-")
        extension.write(Path(self._folder.name, "smtpedu"))
        build_data["shared_data"][str(Path(self._folder.name, "smtpedu"))] = extension.PLACE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        self._folder.cleanup()
