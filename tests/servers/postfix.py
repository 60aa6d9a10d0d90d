"""Postfix: `relocated_maps` is its own means; a 551 or a 251 has to be written by someone.

The manual pages cited are those of Debian's package; smtpd.c and smtpd_check.c are in src/smtpd.
"""

from __future__ import annotations

from .hops import BOUNCED, NAMES, REFUSING
from .server import Server, Setup

MAIN_CF, ALIASES = "/etc/postfix/main.cf", "/etc/aliases"
RELOCATED, RECIPIENTS = "/etc/postfix/relocated", "/etc/postfix/recipients"
# The first five lines and the relay restrictions are Debian's own.
MAIN = """\
compatibility_level = 3.6
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no
append_dot_mydomain = no
readme_directory = no
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
myhostname = mail.example.test
mydestination = example.test, mail.example.test, localhost
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
default_privs = unprivileged
"""
MAPS = "relocated_maps = texthash:/etc/postfix/relocated"
MOVED = "bob@example.test bob@new.example"
ACCESS = "smtpd_recipient_restrictions = check_recipient_access texthash:/etc/postfix/recipients"
SAYS_551 = "bob@example.test 551 5.1.6 User not local; please try <bob@new.example>"
SAYS_251 = "bob@example.test 251 2.1.5 User not local; will forward to <bob@new.example>"
POLICY = "smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023"
RELAY = "smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated"

RELOCATES = (f"{MAIN_CF}: {MAPS}", f"{RELOCATED}: {MOVED}")
RELAYS = (f"{MAIN_CF}: {RELAY} defer_unauth_destination",)
KNOWS = (
    "default: local_recipient_maps = proxy:unix:passwd.byname $alias_maps",
    "default: unknown_local_recipient_reject_code = 550",
)
WITH_RELOCATED = {MAIN_CF: f"{MAIN}{MAPS}\n", RELOCATED: f"{MOVED}\n"}


def with_access(line: str) -> dict[str, str]:
    """The files of a server that looks up recipients in an access table with this line."""
    return {MAIN_CF: f"{MAIN}{ACCESS}\n", RECIPIENTS: f"{line}\n"}


TRANSPORT = "/etc/postfix/transport"
ROUTE = "example.test smtp:[mail.example.test]"
ROUTES = "transport_maps = texthash:/etc/postfix/transport"
# The server of the people at laptop.example, who may send through it.
SENDERS_OWN = f"""\
{MAIN.replace("example.test", "laptop.example").replace("/32", "/32 127.0.0.2/32")}\
smtp_dns_support_level = disabled
{ROUTES}
"""
SENDER = Setup(
    (f"{MAIN_CF}: {ROUTES}", f"{TRANSPORT}: {ROUTE}", REFUSING),
    "transport(5); bounce(8) and bounce(5)",
    files={
        **NAMES,
        MAIN_CF: SENDERS_OWN.replace("laptop.example, mail", "mail"),
        TRANSPORT: f"{ROUTE}\nlaptop.example smtp:[laptop.example]\n",
    },
    commands=(("postconf", "-F", "*/*/chroot = n"),),
)

START_POSTGREY = (
    "mkdir --parents /run/postgrey && chown postgrey: /run/postgrey && "
    "postgrey --inet=127.0.0.1:10023 --delay=2 --daemonize --pidfile=/run/postgrey/pid"
)

SERVER = Server(
    name="Postfix",
    packages=("postfix", "postgrey"),
    files={MAIN_CF: MAIN, ALIASES: "friends: alice\n"},
    commands=(("newaliases",),),
    start=("/usr/sbin/postfix", "start-fg"),
    bounces=dict.fromkeys(BOUNCED, SENDER),
    setups={
        "ehlo": Setup(
            ("default: smtpd_discard_ehlo_keywords =", "default: message_size_limit = 10240000"),
            "smtpd.c, ehlo_cmd(); postconf(5), smtpd_discard_ehlo_keywords",
        ),
        "local": Setup(
            (f"{MAIN_CF}: mydestination = example.test, mail.example.test, localhost", KNOWS[0]),
            "postconf(5), local_recipient_maps; smtpd.c, rcpt_cmd()",
        ),
        "moved": Setup(
            RELOCATES,
            "postconf(5), relocated_maps; relocated(5); trivial-rewrite/resolve.c (5.1.6 and text) "
            "and smtpd_check.c, check_rcpt_maps() (550)",
            files=WITH_RELOCATED,
        ),
        "moved-551": Setup(
            (f"{MAIN_CF}: {ACCESS}", f"{RECIPIENTS}: {SAYS_551}"),
            "access(5), REJECT ACTIONS, 5NN text",
            files=with_access(SAYS_551),
        ),
        "moved-251": Setup(
            (f"{MAIN_CF}: {ACCESS}", f"{RECIPIENTS}: {SAYS_251}"),
            "access(5), where only 4NN and 5NN are actions; smtpd_check.c, check_table_result()",
            "Postfix does not know 251 as an action and says that its configuration is at fault",
            files=with_access(SAYS_251),
        ),
        "unknown": Setup(KNOWS, "postconf(5), unknown_local_recipient_reject_code"),
        "relay": Setup(
            RELAYS,
            "postconf(5), smtpd_relay_restrictions and defer_unauth_destination",
            "a temporary refusal, because the default defers; reject_unauth_destination says 554",
        ),
        "vrfy": Setup(
            ("default: disable_vrfy_command = no", *RELOCATES),
            "postconf(5), disable_vrfy_command; smtpd.c, vrfy_cmd()",
            files=WITH_RELOCATED,
        ),
        "expn": Setup(
            ("default: no such command",),
            "smtpd.c, smtpd_cmd_table, which has no EXPN",
        ),
        "rcpt-before-mail": Setup(("default: order of commands",), "smtpd.c, rcpt_cmd()"),
        "bad-syntax": Setup(
            ("default: strict_rfc821_envelopes = no",),
            "smtpd.c, smtpd_proto(), mail_cmd() and extract_addr()",
        ),
        "oversized": Setup(
            ("default: message_size_limit = 10240000",),
            "postconf(5), message_size_limit; smtpd_check.c, smtpd_check_size()",
        ),
        "no-valid-recipient": Setup(KNOWS, "smtpd.c, data_cmd()"),
        "mixed": Setup(
            (*RELOCATES, *KNOWS, *RELAYS),
            "as in moved, unknown and relay",
            files=WITH_RELOCATED,
        ),
        "bare-lf": Setup(
            ("default: smtpd_forbid_bare_newline = no",),
            "postconf(5), smtpd_forbid_bare_newline (default of Postfix < 3.9: no)",
        ),
        "pipelining": Setup(KNOWS, "RFC 2920; smtpd.c, ehlo_cmd()"),
        "greylisting": Setup(
            (f"{MAIN_CF}: {POLICY}", "default: postgrey --inet=127.0.0.1:10023 --delay=2"),
            "postgrey(8) of Debian's package postgrey; postconf(5), check_policy_service",
            "Postfix asks postgrey, a program of its own, whose delay was set from 300 seconds to "
            "2; the client came again after 4",
            files={MAIN_CF: f"{MAIN}{POLICY}\n"},
            commands=(("sh", "-c", START_POSTGREY),),
            pause=4,
        ),
    },
)
