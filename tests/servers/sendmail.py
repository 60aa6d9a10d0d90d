"""Sendmail, configured as Debian does: `FEATURE(redirect)` is the one built-in 551 there is.

cf/README is Sendmail's own, in the source package, and so are srvrsmtp.c and parseaddr.c.
"""

from __future__ import annotations

from .hops import BOUNCED, NAMES, REFUSING
from .server import Server, Setup

# Debian's sendmail.mc includes this file just before its mailers.
FEATURES = "/etc/mail/m4/provider.m4"
ALIASES, ACCESS = "/etc/mail/aliases", "/etc/mail/access"
LIST = "postmaster: root\nfriends: alice\n"
REDIRECT = "FEATURE(`redirect')dnl"
INTERACTIVE = "define(`confDELIVERY_MODE', `interactive')dnl"
BLOCKLIST = "FEATURE(`blocklist_recipients')dnl"
LIMIT = "define(`confMAX_MESSAGE_SIZE', `10485760')dnl"
MOVED = "bob: bob@new.example.REDIRECT"
SAYS_551 = 'To:bob@example.test ERROR:5.1.6:"551 User not local; please try <bob@new.example>"'
SAYS_251 = 'To:bob@example.test ERROR:2.1.5:"251 User not local; will forward to <bob@new.example>"'
REDIRECTS = (f"{FEATURES}: {REDIRECT}", f"{FEATURES}: {INTERACTIVE}", f"{ALIASES}: {MOVED}")
WITH_REDIRECT = {FEATURES: f"{REDIRECT}\n{INTERACTIVE}\n", ALIASES: f"{LIST}{MOVED}\n"}
ERROR = "cf/README, ANTI-SPAM CONFIGURATION CONTROL, Access Database, ERROR:D.S.N:### any text"
SENDMAIL_MC = "/usr/share/sendmail/cf/debian/sendmail.mc"
PRIVACY = (
    "needmailhelo,needexpnhelo,needvrfyhelo,restrictqrun,restrictexpand,nobodyreturn,authwarnings"
)
PRIVATE = (f"{SENDMAIL_MC}: `{PRIVACY}')dnl",)


def with_access(line: str) -> dict[str, str]:
    """The files of a server that looks up recipients in an access database with this line."""
    return {FEATURES: f"{BLOCKLIST}\n", ACCESS: f"{line}\n"}


MAILERTABLE = "/etc/mail/mailertable"
ROUTE = "example.test esmtp:[mail.example.test]"
MAY_RELAY = "Connect:127.0.0.2 RELAY"
# The server of the people at laptop.example, who may send through it.
SENDER = Setup(
    (f"{MAILERTABLE}: {ROUTE}", f"{ACCESS}: {MAY_RELAY}", REFUSING),
    "cf/README, USING MAILERTABLES; savemail.c, errbody(); usersmtp.c, smtprcptstat()",
    "the last line of the transcript is Sendmail's own word; what the other server said stands "
    "after <<< and in Diagnostic-Code",
    files={
        **NAMES,
        FEATURES: "FEATURE(`mailertable')dnl\n",
        "/etc/mail/local-host-names": "mail.laptop.example\n",
        ACCESS: f"{MAY_RELAY}\n",
        MAILERTABLE: f"{ROUTE}\nlaptop.example esmtp:[laptop.example]\n",
    },
    commands=(("sh", "-c", f"makemap hash {MAILERTABLE} <{MAILERTABLE}"),),
)
# The server of the recipient: it takes the message, and finds only then that he has moved.
REDIRECTING = Setup(
    (REDIRECTS[0], REDIRECTS[2], "default: confDELIVERY_MODE is background"),
    "cf/README, confDELIVERY_MODE; redirect.m4; savemail.c, errbody()",
    files={FEATURES: f"{REDIRECT}\n", ALIASES: f"{LIST}{MOVED}\n"},
)

SERVER = Server(
    name="Sendmail",
    # The SASL modules, which are only recommended, are what EHLO's AUTH line depends on.
    packages=("sendmail-bin", "sendmail-base", "sendmail-cf", "m4", "libsasl2-modules"),
    files={
        FEATURES: "",
        ALIASES: LIST,
        ACCESS: "",
        "/etc/mail/local-host-names": "example.test\n",
    },
    commands=(
        ("mkdir", "--parents", "/var/lib/sendmail/host_status"),
        ("cp", "/etc/mail/service.switch-nodns", "/etc/mail/service.switch"),
        ("sh", "-c", f"m4 {SENDMAIL_MC} >/etc/mail/sendmail.cf"),
        ("sh", "-c", f"makemap hash {ACCESS} <{ACCESS}"),
        ("newaliases",),
    ),
    start=("/usr/sbin/sendmail-mta", "-bD"),
    bounces=dict.fromkeys(BOUNCED, SENDER) | {"moved-default": REDIRECTING},
    setups={
        "ehlo": Setup(PRIVATE, "srvrsmtp.c, smtp(), case CMDEHLO; cf/README, confPRIVACY_FLAGS"),
        "local": Setup(
            ("/etc/mail/local-host-names: example.test",),
            "cf/README, FEATURE use_cw_file; srvrsmtp.c, smtp(), case CMDRCPT",
        ),
        "moved": Setup(
            REDIRECTS,
            "cf/README, FEATURES, redirect; cf/feature/redirect.m4",
            "with the default DeliveryMode, background, RCPT gets 250: see moved-default",
            files=WITH_REDIRECT,
        ),
        "moved-default": Setup(
            (REDIRECTS[0], REDIRECTS[2], "default: confDELIVERY_MODE is background"),
            "cf/README, confDELIVERY_MODE; redirect.m4; srvrsmtp.c, smtp(), case CMDRCPT",
            "aliases are looked up only after the message was taken; the bounce then says:",
            files={FEATURES: f"{REDIRECT}\n", ALIASES: f"{LIST}{MOVED}\n"},
            after="sed --quiet '/^551/p' /var/spool/mqueue/df*",
        ),
        "moved-551": Setup(
            (f"{FEATURES}: {BLOCKLIST}", f"{ACCESS}: {SAYS_551}"),
            ERROR,
            files=with_access(SAYS_551),
        ),
        "moved-251": Setup(
            (f"{FEATURES}: {BLOCKLIST}", f"{ACCESS}: {SAYS_251}"),
            ERROR,
            "Sendmail says the 251 as the text of an error: it has not taken the recipient, as "
            "the reply to DATA shows",
            files=with_access(SAYS_251),
        ),
        "unknown": Setup(("default: users and aliases",), "recipient.c, recipient()"),
        "relay": Setup(
            ("default: no relaying but for hosts in the access database",),
            "cf/README, ANTI-SPAM CONFIGURATION CONTROL, Relaying",
        ),
        "vrfy": Setup(
            (*PRIVATE, *REDIRECTS),
            "srvrsmtp.c, smtp(), case CMDVRFY; cf/README, confPRIVACY_FLAGS",
            files=WITH_REDIRECT,
        ),
        "expn": Setup(
            (*PRIVATE, f"{ALIASES}: friends: alice"),
            "srvrsmtp.c, smtp(), case CMDEXPN; cf/README, confPRIVACY_FLAGS",
        ),
        "rcpt-before-mail": Setup(
            ("default: order of commands",), "srvrsmtp.c, smtp(), case CMDRCPT"
        ),
        "bad-syntax": Setup(
            ("default: syntax of commands and addresses",),
            "srvrsmtp.c, smtp() and skipword(); parseaddr.c, prescan()",
        ),
        "oversized": Setup(
            (f"{FEATURES}: {LIMIT}",),
            "cf/README, confMAX_MESSAGE_SIZE (infinite by default); srvrsmtp.c, CMDMAIL",
            "by default Sendmail sets no limit",
            files={FEATURES: f"{LIMIT}\n"},
        ),
        "no-valid-recipient": Setup(("default: order of commands",), "srvrsmtp.c, smtp_data()"),
        "mixed": Setup(REDIRECTS, "as in moved, unknown and relay", files=WITH_REDIRECT),
        "bare-lf": Setup(
            ("default: no option",),
            "Debian's patch 0024-CVE-2023-51765 of collect.c and srvrsmtp.c",
        ),
        "pipelining": Setup(("default: extension PIPELINING",), "srvrsmtp.c, CMDEHLO; RFC 2920"),
    },
)
