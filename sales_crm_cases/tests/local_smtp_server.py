"""A mail server on this machine that refuses every recipient, over real SMTP."""

import socketserver
import threading


class LocalSmtpServer:
    """``refused``: the addresses that it refused."""

    def __init__(self):
        self.refused = []
        smtp = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self._answer("220 local")
                for line in self.rfile:
                    command = line.decode().strip()
                    verb = command[:4].upper()
                    if verb == "RCPT":
                        smtp.refused.append(command)
                        self._answer(f"550 no such user {command[8:]}")
                    elif verb == "QUIT":
                        self._answer("221 bye")
                        return
                    else:
                        self._answer("250 ok")

            def _answer(self, text):
                self.wfile.write(f"{text}\r\n".encode())

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
