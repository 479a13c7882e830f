"""Prints the text that the signature of an event is over.

Reads one JSON object: the event that is to be signed (with proposalId, recordedBy, and its signature without a value), or a line of a log.
Every member is signed but those that the service adds, and the signature's own value. The rest is RFC 8785 (canonical JSON): names in
order, no white space.
"""

import json
import sys

event = json.load(sys.stdin)
for name in ("position", "recordedAt", "eventId", "nonce", "version", "schemaVersion", "traceparent"):
    event.pop(name, None)
event["signature"].pop("value", None)
canonical = json.dumps(event, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
sys.stdout.buffer.write(("commitments-event/1\n" + canonical).encode())
