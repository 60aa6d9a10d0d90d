"""What replies tell about, in the words of many mail servers; and how sure that is."""

import re

from for_each import for_each

from smtpedu.protocol.reply import Reply
from smtpedu.reference import situations
from smtpedu.reference.situations import judge, plain_words

# What public lists of bounces and error pages of providers quote; names and addresses replaced.
SURE = [
    (450, "4.2.1 The user you are trying to contact is receiving mail too quickly.", "busy"),
    (421, "4.3.2 The maximum number of concurrent connections has exceeded a limit", "busy"),
    (550, "Domain x.example has exceeded the max emails per hour (150/150) allowed.", "busy"),
    (550, "5.7.1 Too many messages per connection", "busy"),
    (554, "5.2.2 User has too many messages on the server", "mailbox-full"),
    (552, "5.2.2 The recipient's inbox is out of storage space", "mailbox-full"),
    (550, "mailbox is full: retry timeout exceeded", "mailbox-full"),
    (421, "4.4.2 mail.x.example Error: timeout exceeded", "unreachable"),
    (550, "5.2.1 The email account that you tried to reach is disabled.", "mailbox-disabled"),
    (550, "5.7.1 <a@x.example>: Recipient address rejected: Inactive", "mailbox-disabled"),
    (550, "5.7.1 User a@x.example temporary locked", "mailbox-disabled"),
    (550, "5.7.1 <a@x.example>: Recipient address rejected: Not in recipient list", "unknown-user"),
    (550, "account of the user was not found in LDAP server", "unknown-user"),
    (550, "5.7.1 Fix reverse DNS for 192.0.2.1", "blocked"),
    (501, "5.7.1 <a@x.example>... Sender refused by the DNSBL dnsbl.x.example", "blocked"),
    (550, "REJECTED - Bad HELO - Host impersonating [mail.x.example]", "blocked"),
    (550, "5.0.1 Invalid Sender. Your domain has been blacklisted", "blocked"),
    (550, "DMARC Sender Invalid - envelope rejected", "authenticity"),
    (550, "5.7.60 SMTP; Client does not have permissions to send as this sender", "sender-refused"),
    (553, "sorry, your envelope sender is in my badmailfrom list", "sender-refused"),
    (550, "5.7.1 RESOLVER.RST.NotAuthorized; not authorized", "refused-by-policy"),
    (554, "Message not allowed - Headers are not RFC compliant[291]", "content-refused"),
    (552, "5.7.0 Our system detected an illegal attachment on your message", "content-refused"),
    (534, "5.7.14 Please log in via your web browser", "authentication-failed"),
    (554, "5.4.6 Too many hops", "loop"),
    (554, "SMTP synchronization error", "wrong-order"),
]

# Words that many servers use for more than one thing, and codes alone.
UNSURE = [
    (550, "Requested action not taken: mailbox unavailable", "unknown-user"),
    (550, "5.4.1 Recipient address rejected: Access denied", "unknown-user"),
    (541, "5.4.1 Mail rejected by destination domain", "refused-by-policy"),
    (550, "failure for one or more recipients (a@x.example:blocked)", "refused-by-policy"),
    (450, "4.2.0 <a@x.example> - Recipient temporarily unavailable", "busy"),
    (450, "4.2.1 Please try again later", "busy"),
    (450, "4.1.1 Try again later", "busy"),
    (550, "Verification failed for <a@x.example>", "sender-refused"),
    (553, "you are trying to use me as a relay", "relay-denied"),
    (552, "5.0.0 No", "too-large"),
    (451, "4.3.5 No", "server-error"),
]


@for_each("code, line, wanted", SURE)
def test_telling_words_are_said_for_sure(code, line, wanted):
    found = judge("any", Reply(code, (line,)))
    assert (found.situation, found.sure) == (wanted, True)


@for_each("code, line, wanted", UNSURE)
def test_weak_words_and_codes_are_not_said_for_sure(code, line, wanted):
    found = judge("any", Reply(code, (line,)))
    assert (found.situation, found.sure) == (wanted, False)


def test_words_of_two_sentences_are_not_read_as_one():
    assert judge("any", Reply(550, ("Not now, user. Unknown is the way",))).by != "words"
    assert judge("any", Reply(550, ("Not now, user is unknown",))).situation == "unknown-user"


PLAIN = [
    ("<a1@x.example>: No", "<#>: no"),
    ("(a@x.example:blocked)", "(#:blocked)"),
    ("compliant[291] 5.1.1", "compliant[#] #.#.#"),
    ("4ABC12 mx1.x.example", "# #.x.example"),
]


@for_each("said, plain", PLAIN)
def test_addresses_and_numbers_are_taken_out(said, plain):
    assert plain_words(said) == plain


@for_each("code, line, wanted", SURE + UNSURE)
def test_every_phrase_that_is_there_is_found_by_its_first_letters(code, line, wanted):
    words = plain_words(line)
    there = {
        row.number
        for row in situations._rows()
        if row.words and re.search(rf"\b(?:{'|'.join(row.words)})", words)
    }
    may = situations._may_be_there(words)
    assert {row for row, at in may.items() if any(one.match(words, to) for one, to in at)} == there
