"""What the server says: each reply with its enhanced code, and the section that asks for it.

Enhanced status codes are those of RFC 3463 §3 and RFC 4954 §6. Every 2yz, 4yz and 5yz carries one
(RFC 2034 §4), but for the greeting and the replies to EHLO and HELO. What a policy says is in
`data/policies.csv`.
"""

from __future__ import annotations

from functools import lru_cache

from smtpedu.protocol.reply import Reply

LINE = 1001  # octets of a line of the message: §4.5.3.1.6 with the dot of §4.5.2

#: By what happened: the reply, with `{places}`, and its source.
REPLIES: dict[str, tuple[str, str]] = {
    "greeting": ("220 {host} ESMTP", "RFC 5321 §3.1"),
    "HELO": ("250 {host}", "RFC 5321 §4.1.1.1"),
    "RSET": ("250 2.0.0 OK", "RFC 5321 §4.1.1.5"),
    "NOOP": ("250 2.0.0 OK", "RFC 5321 §4.1.1.9"),
    "QUIT": ("221 2.0.0 Bye", "RFC 5321 §4.1.1.10"),
    "HELP": ("214 2.0.0 {help}", "RFC 5321 §4.1.1.8"),
    "no help": ("504 5.5.4 No help on this", "RFC 5321 §4.3.2"),
    "EXPN": ("502 5.5.1 EXPN not implemented", "RFC 5321 §4.2.4"),
    "VRFY": (
        "252 2.0.0 Cannot verify the user, but will accept the message and try",
        "RFC 5321 §3.5.3",
    ),
    "MAIL": ("250 2.1.0 OK", "RFC 5321 §3.3"),
    "DATA": ("354 End data with <CR><LF>.<CR><LF>", "RFC 5321 §3.3"),
    "STARTTLS": ("220 2.0.0 Ready to start TLS", "RFC 3207 §4"),
    "challenge": ("334 {challenge}", "RFC 4954 §4"),
    "AUTH": ("235 2.7.0 Authentication successful", "RFC 4954 §6"),
    # What is no command, or a malformed one.
    "long": ("500 5.5.2 Command line too long", "RFC 5321 §4.5.3.1.4"),
    "bare LF": ("500 5.5.2 The line ended in a bare LF; a line ends in CRLF", "RFC 5321 §2.3.8"),
    "characters": (
        "500 5.5.2 The command has a control character or is not UTF-8",
        "RFC 5321 §4.1.2, RFC 6531 §3.3",
    ),
    "unknown": ("500 5.5.2 Command not recognized", "RFC 5321 §4.2.4"),
    "syntax": ("501 5.5.4 Syntax: {syntax}", "RFC 5321 §4.3.2"),
    "VRFY path": ("501 5.1.3 Malformed address", "RFC 5321 §4.3.2"),
    "MAIL path": ("553 5.1.7 Malformed address", "RFC 5321 §4.2.2"),
    "RCPT path": ("553 5.1.3 Malformed address", "RFC 5321 §4.2.2"),
    "no domain": ("553 5.1.3 A mailbox is written name@domain", "RFC 5321 §4.2.2"),
    "MAIL not ASCII": ("550 5.6.7 This address needs the SMTPUTF8 parameter", "RFC 6531 §3.5"),
    "RCPT not ASCII": ("553 5.6.7 This address needs the SMTPUTF8 parameter", "RFC 6531 §3.5"),
    "BODY": ("501 5.5.4 BODY is 7BIT or 8BITMIME", "RFC 1652 §3"),
    "SMTPUTF8": ("501 5.5.4 SMTPUTF8 takes no value", "RFC 6531 §3.4"),
    "MAIL parameter": (
        "555 5.5.4 MAIL FROM parameters not recognized or not implemented",
        "RFC 5321 §4.1.1.11",
    ),
    "RCPT parameter": (
        "555 5.5.4 RCPT TO parameters not recognized or not implemented",
        "RFC 5321 §4.1.1.11",
    ),
    # What may not come now, or not here.
    "no EHLO": ("503 5.5.1 Send EHLO or HELO first", "RFC 5321 §4.1.4"),
    "HELO only": ("503 5.5.1 Send EHLO first: HELO offers no extensions", "RFC 5321 §3.2"),
    "nested": ("503 5.5.1 MAIL was sent already; RSET begins again", "RFC 5321 §4.1.4"),
    "no MAIL": ("503 5.5.1 Send MAIL first", "RFC 5321 §4.1.4"),
    "no RCPT": ("503 5.5.1 Send RCPT first", "RFC 5321 §3.3"),
    "nobody": ("554 5.5.1 No valid recipients", "RFC 5321 §3.3"),
    "no STARTTLS": ("502 5.5.1 STARTTLS is not offered", "RFC 5321 §4.2.4"),
    "no TLS": ("530 5.7.0 Send STARTTLS first", "RFC 3207 §4"),
    "TLS is on": ("503 5.5.1 TLS is on already", "RFC 3207 §4.2"),
    "STARTTLS within": (
        "503 5.5.1 STARTTLS cannot come within a mail transaction",
        "RFC 3207 §4.2",
    ),
    "no AUTH": ("502 5.5.1 AUTH is not offered", "RFC 5321 §4.2.4"),
    "no user": ("530 5.7.0 Authentication required", "RFC 4954 §6"),
    "AUTH within": ("503 5.5.1 AUTH cannot come within a mail transaction", "RFC 4954 §4"),
    "AUTH again": ("503 5.5.1 Already authenticated", "RFC 4954 §4"),
    "AUTH needs TLS": (
        "538 5.7.11 Encryption required for requested authentication mechanism",
        "RFC 4954 §6",
    ),
    # What is wrong with an AUTH exchange.
    "no mechanism": ("501 5.5.4 AUTH needs a mechanism", "RFC 4954 §4"),
    "responses": ("501 5.5.4 AUTH takes a mechanism and one response", "RFC 4954 §4"),
    "mechanism": ("504 5.5.4 Unrecognized authentication type", "RFC 4954 §4"),
    "cancelled": ("501 5.7.0 AUTH was cancelled", "RFC 4954 §4"),
    "response": ("501 5.5.2 This is not base64", "RFC 4954 §4"),
    "initial response": ("501 5.5.2 Can't decode base64", "RFC 4954 §4"),
    "credentials": ("501 5.5.2 Can't split auth value", "RFC 4954 §4"),
    "long response": ("500 5.5.6 The line is too long", "RFC 4954 §6"),
    "refused": ("535 5.7.8 Authentication credentials invalid", "RFC 4954 §6"),
    # What is wrong with a message, or too much.
    "bare": (
        "554 5.6.0 The message has a bare CR or LF; every line ends in CRLF",
        "RFC 5321 §2.3.8",
    ),
    "long text": (
        f"500 5.5.2 A line of the message is over {LINE - 1} octets",
        "RFC 5321 §4.5.3.1.6",
    ),
    "size": ("552 5.3.4 The message is larger than SIZE allows", "RFC 1870 §6.1"),
    "large": ("552 5.3.4 The message is over {limit} octets", "RFC 1870 §6.3"),
    "recipients": ("452 4.5.3 Too many recipients", "RFC 5321 §4.5.3.1.10"),
    "commands": ("421 4.7.0 {host} Too many commands", "RFC 5321 §7.8"),
    "connections": ("421 4.3.2 {host} Too many connections, try again later", "RFC 5321 §3.8"),
    "idle": ("421 4.4.2 {host} Idle for too long", "RFC 5321 §4.5.3.2.7"),
    "shutdown": ("421 4.3.2 {host} Service shutting down", "RFC 5321 §3.8"),
    "taken": ("250 2.0.0 Message accepted", "RFC 5321 §4.2.5"),
    "loop": ("554 5.4.6 Routing loop detected", "RFC 5321 §6.3"),
    "full": ("452 4.3.1 Insufficient system storage", "RFC 5321 §4.2.2"),
    "mistake": ("451 4.3.0 Local error in processing", "RFC 5321 §4.2.3"),
}

#: The commands that are known, and what HELP says of them (§4.1.1, RFC 3207 §4, RFC 4954 §4).
COMMANDS = {
    "AUTH": "AUTH mechanism [response]",
    "DATA": "DATA",
    "EHLO": "EHLO domain",
    "EXPN": "EXPN",
    "HELO": "HELO domain",
    "HELP": "HELP [command]",
    "MAIL": "MAIL FROM:<reverse-path> [parameters]",
    "NOOP": "NOOP",
    "QUIT": "QUIT",
    "RCPT": "RCPT TO:<forward-path>",
    "RSET": "RSET",
    "STARTTLS": "STARTTLS",
    "VRFY": "VRFY mailbox",
}
PARAMETERS = " [SP <mail-parameters>]"  # of MAIL and RCPT after EHLO
#: What a 501 says of commands that something has to follow.
SYNTAX = {
    "EHLO": "EHLO hostname",
    "HELO": "HELO hostname",
    "MAIL": "MAIL FROM:<address>",
    "RCPT": "RCPT TO:<address>",
    "VRFY": "VRFY <address>",
}


@lru_cache(1024)
def reply(name: str, **values: object) -> Reply:
    """The reply of this name in `REPLIES`, with its places filled in."""
    words = REPLIES[name][0].format(**values)
    return Reply(int(words[:3]), (words[4:],))
