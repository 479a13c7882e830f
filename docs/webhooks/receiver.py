"""A receiver of webhooks, as one file with the standard library alone: Python 3.8 or later.

    WEBHOOK_SECRET=whsec_… PORT=8090 python3 receiver.py
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def secret_of(text):
    """The key of the signatures. With an empty or a short one, anybody could sign."""
    try:
        secret = base64.b64decode(text[len("whsec_") :], validate=True)
    except ValueError:
        secret = b""
    if not text.startswith("whsec_") or len(secret) < 24:
        sys.exit("WEBHOOK_SECRET must be the secret of the endpoint: whsec_ and at least 24 bytes in base64.")
    return secret


SECRET = secret_of(os.environ.get("WEBHOOK_SECRET", ""))
TOLERANCE = 300  # Seconds by which the time of a message may differ from ours.
BODY_LIMIT = 128 * 1024

known = set()  # In production: a unique column in your database, in the transaction that stores the message.


def is_genuine(message_id, timestamp, signatures, body):
    """Whether the message comes from who knows the secret, and was signed just now. The body is as it came, byte for byte."""
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    signed = message_id.encode() + b"." + timestamp.encode() + b"." + body
    expected = b"v1," + base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest())
    return any(hmac.compare_digest(one.encode(), expected) for one in signatures.split(" "))


def store(event):
    """Store it, and do what takes time later: the next event is sent when this one was answered."""
    print(event["type"], event["id"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        if not 0 <= length <= BODY_LIMIT:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(length)
        message_id, timestamp, signatures = (
            self.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        )
        if not is_genuine(message_id, timestamp, signatures, body):
            return self.answer(401)
        if message_id not in known:
            store(json.loads(body))
            known.add(message_id)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8090"))), Receiver)
    print("ready", flush=True)
    server.serve_forever()
