"""The prebuilt extension of JupyterLab: `python -m smtpedu.widgets.page.extension DIR` writes it.

It is files alone, which the package's build makes (`hatch_hook.py`): the modules as they are, the
sheet, and the parts of `content` as JSON, in a folder that is named by what is in it, so that no
browser mixes two versions.
"""

from __future__ import annotations

import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from smtpedu.widgets.page import content

#: Where an environment keeps it, from its root.
PLACE = "share/jupyter/labextensions/smtpedu"


def files() -> dict[str, str]:
    """Path → text of every file."""
    found = {**content.modules(), "style.css": content.style()}
    found |= {f"{name}.json": content.part(name) for name in content.PARTS}
    digest = sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]
    build = {"load": f"static/{digest}/page/extension.js", "extension": "./extension"}
    package = {
        "name": "smtpedu",
        "version": "0.1.0",
        "description": "Draws smtpedu's widgets",
        "license": "MIT",
        "jupyterlab": {"extension": True, "_build": build},
    }
    static = {f"static/{digest}/{path}": text for path, text in found.items()}
    return {"package.json": json.dumps(package, indent=2), **static}


def write(folder: Path) -> None:
    """Write the extension into this folder, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
