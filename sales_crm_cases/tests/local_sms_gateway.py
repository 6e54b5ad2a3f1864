"""A gateway for SMS on this machine, and the class with which Odoo talks to it.

The server answers as the endpoint ``Messages.json`` of Twilio does, over real HTTP; the class is
one of Odoo's own interface, in the shape of the addon ``sms_twilio``.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import requests

from odoo.addons.sms.tools.sms_api import SmsApiBase

SID = "AC12345678987654321234567898765432"
INVALID_NUMBER = 21211


class LocalSmsGateway:
    """``answers``: dict ``{number: answer}``, where an answer is ``(HTTP status, code of
    Twilio's)``, or a number of seconds to wait before the good one."""

    def __init__(self):
        self.answers, self.received = {}, []
        self.is_asked = threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                data = {k: v[0] for k, v in parse_qs(self.rfile.read(size).decode()).items()}
                gateway.received.append({**data, "path": self.path})
                gateway.is_asked.set()
                status, code = 201, None
                answer = gateway.answers.get(data.get("To"))
                if isinstance(answer, tuple):
                    status, code = answer
                elif answer:
                    time.sleep(answer)
                body = {"sid": f"SM{len(gateway.received):032d}", "status": "queued"}
                if status >= 400:
                    body = {"code": code, "message": f"Refused with {code}", "status": status}
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.end_headers()
                    self.wfile.write(json.dumps(body).encode())
                except OSError:
                    # who asked did not wait
                    self.close_connection = True

            def log_message(self, *args):
                """Odoo's log is for Odoo."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def get_numbers(self):
        return sorted(message["To"] for message in self.received)


def make_api_class(url):
    """The class that a company returns as its gateway."""

    class SmsApiLocal(SmsApiBase):
        def _send_sms_batch(self, messages, delivery_reports_url=False):
            session = requests.Session()
            return [
                self._send_one(session, message["content"], number["number"], number["uuid"])
                for message in messages
                for number in message["numbers"]
            ]

        def _send_one(self, session, body, number, uuid):
            result = {"uuid": uuid, "state": "server_error", "failure_reason": "No answer"}
            try:
                response = session.post(
                    f"{url}/2010-04-01/Accounts/{SID}/Messages.json",
                    data={"From": "+32455998877", "To": number, "Body": body},
                    auth=(SID, "secret"),
                    timeout=5,
                )
            except requests.exceptions.RequestException:
                return result
            answer = response.json()
            if response.ok:
                return {"uuid": uuid, "state": "sent", "failure_reason": False}
            if answer["code"] == INVALID_NUMBER:
                result["state"] = "wrong_number_format"
            return {**result, "failure_reason": answer["message"]}

    return SmsApiLocal
