"""A lab in the browser's Python: the standard library and memory, and the same dialogues."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smtpedu.files import folder

NODE = shutil.which("node")

#: Prints what it saw as JSON. It runs in Pyodide and here, as the platform would have it.
PROGRAM = """
import json, re, smtplib, sys
import smtpedu as smtp
from smtpedu.lab.lab import Lab
from smtpedu.lab.policy import EXAMPLE_MAILBOXES, Policies, leaves
from smtpedu.protocol.states import Speaker

class Pinned(smtplib.SMTP):  # `FROM:` and `TO:` are small since Python 3.13
    def putcmd(self, cmd, args=""):
        super().putcmd(cmd.upper(), re.sub("^(from|to):", lambda it: it[0].upper(), args))

def pinned(lab):
    client = lab.smtp("laptop.example")
    client.__class__ = type("Pinned", (Pinned,), {})
    return client

text = "Subject: =?utf-8?q?caf=C3=A9?=\\n\\n.dot\\nhello\\n"
seen = {}
new = {box: "local" for box in ("carol@new.example", "dave@new.example")}
with Lab(new, hostname="mx.new.example") as other, Lab(
    EXAMPLE_MAILBOXES, forward={"new.example": other}, users={"ann": "secret"}
) as lab:
    transport = lab.transport
    with pinned(lab) as client:
        client.login("ann", "secret")
        refused = client.sendmail("a@laptop.example", list(EXAMPLE_MAILBOXES), text)
        client.docmd("NONSENSE")
        client.verify("bob@example.test")
    seen["refused"] = {box: [code, said.decode()] for box, (code, said) in refused.items()}
    frank = "RCPT TO:<frank@example.test>"
    played = lab.play("EHLO me\\nMAIL FROM:<>", frank, "DATA\\nx\\n.", "QUIT")
    seen["played"] = [str(played), played.codes]
    seen["sessions"] = list(map(str, lab.sessions))
    undated = [re.sub("(Received: .*; ).*", r"\\1", str(one)) for one in other.sessions]
    seen["forwarded"] = sorted(undated)  # over loopback they pass at the same time
    seen["raw"] = [one.raw(who).decode() for one in lab.recordings for who in Speaker]
    seen["inbox"] = {
        box: [[one["Subject"], one["Return-Path"], one.get_content()] for one in found]
        for box, found in (lab.inbox | other.inbox).items()
    }
    seen["outbox"] = [[one.mailbox, one.address, one.reply.code] for one in lab.outbox]
    seen["leaves"] = [[leaf.mailbox, leaf.line] for leaf in leaves(lab.policies)]
    talking = lab.connect()
    lab.stop()
    seen["last"] = talking.makefile("rb").readlines()[-1].decode()
    talking.close()
try:
    lab.play("NOOP")
except OSError as error:
    seen["stopped"] = type(error).__name__
modules = [name for name in ("anywidget", "numpy", "pandas", "aiosmtpd") if name in sys.modules]
where = {"platform": sys.platform, "transport": transport, "modules": modules}
print(json.dumps({**where, "seen": seen}))
"""


def missing():
    """Skip for want of Pyodide, or fail where CI promises it."""
    if os.environ.get("CI", "").lower() in ("", "0", "false", "no"):
        pytest.skip("npm's pyodide is not installed")
    pytest.fail("npm's pyodide is not installed (CI must have it)", pytrace=False)


def run(*command):
    return subprocess.run(
        command, input=PROGRAM, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def in_pyodide():
    """What the program printed (`npm install pyodide`, found by NODE_PATH)."""
    if NODE is None:
        missing()
    ran = run(NODE, str(Path(__file__).with_name("pyodide.cjs")), str(folder("data").parent))
    if ran.returncode == 3:
        missing()
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def here():
    """What the same program prints in this Python."""
    ran = run(sys.executable, "-")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_memory_is_chosen_and_the_standard_library_is_enough(in_pyodide):
    assert (in_pyodide["platform"], in_pyodide["transport"]) == ("emscripten", "memory")
    assert in_pyodide["modules"] == []


def test_what_is_said_is_what_is_said_over_loopback(in_pyodide, here):
    assert here["transport"] == "loopback"
    assert in_pyodide["seen"] == here["seen"]
    assert here["seen"]["played"][1] == [220, 250, 250, 450, 554, 500, 500, 221]
