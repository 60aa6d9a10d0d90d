"""OpenSMTPD: an alias may be an error, and that is its own means for who has moved.

The manual pages cited are those of Debian's package; the programs are in usr.sbin/smtpd.
"""

from __future__ import annotations

from .hops import BOUNCED, NAMES, REFUSING
from .server import Server, Setup

SMTPD_CONF, ALIASES = "/etc/smtpd.conf", "/etc/aliases"
MATCHES = 'match from any for domain "example.test" action "local"'
CONF = f"""\
table aliases file:/etc/aliases
table trusted {{ "127.0.0.1" }}
listen on 127.0.0.1
action "local" mbox alias <aliases>
action "relay" relay
{MATCHES}
match from src <trusted> for any action "relay"
"""
LIST = "friends: alice\n"
MOVED = "bob: error:550 5.1.6 Mailbox has moved; please try <bob@new.example>"
SAYS_551 = "bob: error:551 5.1.6 User not local; please try <bob@new.example>"
SAYS_251 = "bob: error:251 2.1.5 User not local; will forward to <bob@new.example>"
MATCH = (f"{SMTPD_CONF}: {MATCHES}",)
ALIAS = "aliases(5), error:code message"
COMMANDS = "smtp_session.c, the table commands, in which the command is missing"


def with_alias(line: str) -> dict[str, str]:
    """The files of a server with one more alias."""
    return {ALIASES: f"{LIST}{line}\n"}


# The server of the people at laptop.example, who may send through it.
SENDERS_OWN = """\
table trusted { "127.0.0.1", "127.0.0.2" }
listen on 127.0.0.1
action "out" relay host smtp://mail.example.test
action "back" relay host smtp://laptop.example
match from src <trusted> for domain "example.test" action "out"
match from any for domain "laptop.example" action "back"
"""
SENDER = Setup(
    (
        f'{SMTPD_CONF}: action "out" relay host smtp://mail.example.test',
        f'{SMTPD_CONF}: match from src <trusted> for domain "example.test" action "out"',
        REFUSING,
    ),
    "smtpd.conf(5), action, relay host; bounce.c, bounce_next()",
    "the report calls itself multipart/mixed and has no Diagnostic-Code, and Status is 5.0.0: "
    "what was said stands in the text alone",
    files={**NAMES, SMTPD_CONF: SENDERS_OWN},
)

SERVER = Server(
    name="OpenSMTPD",
    packages=("opensmtpd",),
    files={SMTPD_CONF: CONF, ALIASES: LIST},
    start=("/usr/sbin/smtpd", "-d"),
    bounces=dict.fromkeys(BOUNCED, SENDER),
    setups={
        "ehlo": Setup(
            (f"{SMTPD_CONF}: listen on 127.0.0.1", "default: smtp max-message-size 35M"),
            "smtpd.conf(5), listen on; smtp_session.c, smtp_proceed_ehlo()",
            "HELO after EHLO is refused, against RFC 5321 section 4.1.4",
        ),
        "local": Setup(MATCH, "smtpd.conf(5), match and action; smtp_session.c"),
        "moved": Setup(
            (f"{ALIASES}: {MOVED}",),
            ALIAS,
            "code, enhanced code and text are the administrator's",
            files=with_alias(MOVED),
        ),
        "moved-551": Setup((f"{ALIASES}: {SAYS_551}",), ALIAS, files=with_alias(SAYS_551)),
        "moved-251": Setup(
            (f"{ALIASES}: {SAYS_251}",),
            f"{ALIAS} (it must start with 4 or 5); to.c, alias_is_error(); lka_session.c",
            "OpenSMTPD does not take this alias for an error, nor for anything else",
            files=with_alias(SAYS_251),
        ),
        "unknown": Setup(MATCH, "lka_session.c, lka_resume()"),
        "relay": Setup(
            (f'{SMTPD_CONF}: match from src <trusted> for any action "relay"',),
            "smtpd.conf(5), match (a message that nothing matches is rejected); lka_session.c",
            "the same reply as for an unknown mailbox",
        ),
        "vrfy": Setup(("default: no such command",), COMMANDS),
        "expn": Setup(("default: no such command",), COMMANDS),
        "rcpt-before-mail": Setup(
            ("default: order of commands",), "smtp_session.c, smtp_check_rcpt_to()"
        ),
        "bad-syntax": Setup(
            ("default: syntax of commands and addresses",),
            "smtp_session.c, smtp_command() and smtp_tx_mail_from()",
        ),
        "oversized": Setup(
            ("default: smtp max-message-size 35M",),
            "smtpd.conf(5), smtp max-message-size; smtp_session.c, smtp_tx_mail_from()",
            "SIZE= is read and passed over: only a message that really grows too large is refused, "
            "with 554",
        ),
        "no-valid-recipient": Setup(MATCH, "smtp_session.c, smtp_check_data()"),
        "mixed": Setup(
            (f"{ALIASES}: {SAYS_551}", *MATCH),
            "as in moved-551, unknown and relay",
            files=with_alias(SAYS_551),
        ),
        "bare-lf": Setup(
            ("default: no option",),
            "smtp_session.c, smtp_io(), which strips a CR if there is one",
        ),
        "pipelining": Setup(("default: no pipelining",), "smtp_session.c, smtp_io()"),
    },
)
