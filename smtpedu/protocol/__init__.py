"""SMTP without I/O, of the standard library alone: replies, states, a server, the tracker.

Any program can use it: `from smtpedu.protocol import parse_reply` loads nothing else.
"""

from smtpedu.protocol.reply import Command as Command
from smtpedu.protocol.reply import EnhancedCode as EnhancedCode
from smtpedu.protocol.reply import Reply as Reply
from smtpedu.protocol.reply import ReplyReader as ReplyReader
from smtpedu.protocol.reply import ReplySyntaxError as ReplySyntaxError
from smtpedu.protocol.reply import parse_reply as parse_reply
