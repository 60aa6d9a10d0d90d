"""Exim, configured as Debian does: aliases with `:fail:` are its own means for who has moved.

The specification cited is /usr/share/doc/exim4-base/spec.txt.gz of Debian's package.
"""

from __future__ import annotations

from .hops import BOUNCED, NAMES, REFUSING
from .server import Server, Setup

ALIASES, TEMPLATE = "/etc/aliases", "/etc/exim4/exim4.conf.template"
MACROS, HUBBED = "/etc/exim4/exim4.conf.localmacros", "/etc/exim4/hubbed_hosts"
MOVED_ACL, QUOTA_ACL = "/etc/exim4/moved.acl", "/etc/exim4/quota.acl"
# What Debian's configuration asks on installation; the rest of it stays as Debian wrote it.
ANSWERS = """\
dc_eximconfig_configtype='internet'
dc_other_hostnames='example.test'
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets=''
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='false'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
"""
NAME = "MAIN_HARDCODE_PRIMARY_HOSTNAME = mail.example.test\n"
LIST = "friends: alice\n"
GONE = "bob: :fail: bob has moved to <bob@new.example>"
SAYS_551 = "bob: :fail: 551 5.1.6 User not local; please try <bob@new.example>"
FORWARDED = "bob: bob@new.example"
SAYS_251 = "message = 251 2.1.5 User not local; will forward to <bob@new.example>"
ACCEPTS = f"  accept\n    domains = +local_domains\n    local_parts = bob\n    {SAYS_251}\n"
CHECKS_QUOTA = "  require\n    verify = recipient/quota\n"
WRITE_QUOTA = f"sed -i '/^mail_spool:/,/driver/s/driver = appendfile/&\\n  quota = 1K/' {TEMPLATE}"
FILL_MAILBOX = "head -c 2000 /dev/zero >/var/mail/grace && chown grace:mail /var/mail/grace"
RELAY = (
    f"{TEMPLATE}: message = relay not permitted",
    f"{TEMPLATE}: domains = +local_domains : +relay_to_domains",
)
VERIFY = (f"{TEMPLATE}: verify = recipient",)
REDIRECTION = "Exim specification 22.6, Special items in redirection lists"
UNSET = "Exim specification 44.14, Unset ACL options, and 49.7, The VRFY and EXPN commands"


def with_acl(path: str, acl: str) -> dict[str, str]:
    """The files of a server whose RCPT ACL ends with the statements of another file."""
    return {MACROS: f"{NAME}CHECK_RCPT_LOCAL_ACL_FILE = {path}\n", path: acl}


ROUTE = "example.test: mail.example.test byname"
# The server of the people at laptop.example, who may send through it.
SENDER = Setup(
    (f"{HUBBED}: {ROUTE}", REFUSING),
    "Exim specification 50.1, Customizing bounce messages; deliver.c, deliver_message()",
    "Status is 5.0.0 whatever was said: what counts is the reply in Diagnostic-Code",
    files={
        **NAMES,
        "/etc/exim4/update-exim4.conf.conf": ANSWERS.replace("example.test", "").replace(
            "relay_nets=''", "relay_nets='127.0.0.2'"
        ),
        MACROS: NAME.replace("example.test", "laptop.example"),
        HUBBED: f"{ROUTE}\nlaptop.example: laptop.example byname\n",
    },
)

SERVER = Server(
    name="Exim",
    packages=("exim4-daemon-light",),
    files={"/etc/exim4/update-exim4.conf.conf": ANSWERS, ALIASES: LIST, MACROS: NAME},
    commands=(("update-exim4.conf",),),
    start=("/usr/sbin/exim4", "-bdf", "-q30m"),
    bounces=dict.fromkeys(BOUNCED, SENDER),
    setups={
        "ehlo": Setup(
            ("default: pipelining_advertise_hosts = *", "default: message_size_limit = 50M"),
            "Exim specification 14, Main configuration, the options ..._advertise_hosts",
        ),
        "local": Setup(VERIFY, "Exim specification 44.26, ACL conditions, verify = recipient"),
        "moved": Setup((f"{ALIASES}: {GONE}", *VERIFY), REDIRECTION, files={ALIASES: GONE + "\n"}),
        "moved-551": Setup(
            (f"{ALIASES}: {SAYS_551}", *VERIFY),
            f"{REDIRECTION}: the code of the message is used if it begins with a 5",
            files={ALIASES: SAYS_551 + "\n"},
        ),
        "moved-251": Setup(
            (f"{MOVED_ACL}: {SAYS_251}", f"{ALIASES}: {FORWARDED}"),
            "Exim specification 44.18, ACL verbs, accept, and 44.21, ACL modifiers, message",
            "Exim took the message to forward it; in its log:",
            files=with_acl(MOVED_ACL, ACCEPTS)
            | {ALIASES: FORWARDED + "\n", HUBBED: "new.example: 127.0.0.3\n"},
            # A server for new.example does not exist in this network: the delivery is deferred.
            after="grep --only-matching --max-count=1 "
            "'bob@new.example <bob@example.test>.*' /var/log/exim4/mainlog",
        ),
        "unknown": Setup(VERIFY, "Exim specification 15, cannot_route_message (its default)"),
        "relay": Setup(RELAY, "Debian's exim4.conf.template, acl_check_rcpt"),
        "vrfy": Setup(
            ("default: acl_smtp_vrfy is unset", f"{ALIASES}: {GONE}"),
            UNSET,
            files={ALIASES: GONE + "\n"},
        ),
        "expn": Setup(("default: acl_smtp_expn is unset",), UNSET, files={ALIASES: LIST}),
        "rcpt-before-mail": Setup(("default: order of commands",), "smtp_in.c, RCPT_CMD"),
        "bad-syntax": Setup(
            ("default: smtp_max_synprot_errors = 3",),
            "Exim specification 49.4 and 49.5; smtp_in.c, MAIL_CMD; parse.c",
        ),
        "oversized": Setup(
            ("default: message_size_limit = 50M",),
            "Exim specification 14, message_size_limit; smtp_in.c, MAIL_CMD",
        ),
        "no-valid-recipient": Setup(VERIFY, "smtp_in.c, DATA_CMD"),
        "mixed": Setup(
            (f"{ALIASES}: {SAYS_551}", *VERIFY, *RELAY),
            "as in moved-551, unknown and relay",
            files={ALIASES: SAYS_551 + "\n"},
        ),
        "bare-lf": Setup(
            ("default: no option",),
            "Debian's patch 77_CVE-2023-51766 of receive.c and smtp_in.c",
        ),
        "pipelining": Setup(
            ("default: pipelining_advertise_hosts = *",),
            "Exim specification 14, pipelining_advertise_hosts and smtp_enforce_sync",
        ),
        "quota": Setup(
            (f"{QUOTA_ACL}: verify = recipient/quota", f"{TEMPLATE}: quota = 1K"),
            "Exim specification 44.49, Quota caching; NewStuff, Quota checking during reception",
            "why it refuses, Exim writes into its log only:",
            files=with_acl(QUOTA_ACL, CHECKS_QUOTA),
            commands=(("sh", "-c", f"{WRITE_QUOTA} && {FILL_MAILBOX}"),),
            after="grep --only-matching 'rejected RCPT.*' /var/log/exim4/mainlog",
        ),
    },
)
