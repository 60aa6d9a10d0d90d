"""What real mail servers say: `python -m tests.servers` asks each and writes `data/sessions`.

Each server comes from Debian's packages, is laid over this machine's root folder in memory, and
runs with a network of its own that has loopback and nothing else. `server` says what a server is,
`postfix`, `exim`, `sendmail`, `opensmtpd`, `aiosmtpd` and `lab` describe them; `scenarios` is what
they are asked, by `client`; `root` and `inside` keep them apart from this machine; `document`
writes down what came of it.
"""
