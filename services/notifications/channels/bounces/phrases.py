"""What mail systems say of a mail that failed, in words of their own."""

import re

# A failure in words: a code of SMTP, or qmail's "#5.1.1".
CODE = re.compile(
    r"(?<![0-9.])5(?:0[0-4]|2[13]|5[0-6])[ -]+(?P<status>5\.[0-9]{1,3}\.[0-9]{1,3}(?!\.?[0-9]))?"
    r"|#(?P<qmail>5\.[0-9]{1,3}\.[0-9]{1,3}(?!\.?[0-9]))"
)
# A failure without a code, as the mail systems of the last thirty years put it.
FAILED = re.compile(
    r"(could|can|was|were|been|will|did)( ?not|n.t)( be)? (deliver|reach|sent|find|found|process)"
    r"|not (be )?(delivered|deliverable|received)|undeliver|unable to (deliver|reach|send)"
    r"|(delivery|transmission) (\w+ ){0,4}fail|failed to deliver|failed (addresses|recipients)"
    r"|permanent (fatal )?error|fatal error|delivery (error|problem)|failure notice|returned mail"
    r"|(user|recipient|account|address|mailbox)( name)? (is )?(un|not )(known|found|available)"
    r"|(unknown|unrecogni[sz]ed|invalid|no such|no) (local )?(user|recipient|account|address)"
    r"|(unknown|invalid|no such|no) mailbox"
    r"|(mailbox|quota|disk) .{0,30}(full|exceed|disabled|inactive)|(over|exceed\w*) .{0,30}quota"
    r"|(does|do)( not|n.t) (exist|have)|not (listed|a valid|have an account)"
    r"|returned to (the )?sender"
    r"|nicht (zugestellt|zustellbar|erreicht|gefunden)|unzustellbar|(empfänger|benutzer) unbekannt"
    r"|error .{0,40}deliver|rejected|n.a (pas )?pu être|non remis|no se (ha )?pu",
    re.I,
)
# What is said while it is still tried.
STILL_TRYING = re.compile(
    r"still (trying|being)|will (be )?(keep|continue|re-?tr)|not yet been|delayed", re.I
)
# From here on it is the mail that came back, with figures of its own.
COPY = re.compile(
    r"^-+ *(this is a copy|below this line|original message|included is|copy of|ursprüngliche)",
    re.I | re.M,
)
