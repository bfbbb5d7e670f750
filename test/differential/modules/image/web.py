"""A small web server for the cases: files of /srv/web, and answers that a test wants."""
import base64
import http.server
import json


class Web(http.server.SimpleHTTPRequestHandler):
    server_version = "web"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    def __init__(self, *args):
        super().__init__(*args, directory="/srv/web")

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return "Sat, 01 Jan 2022 00:00:00 GMT"

    def answer(self, status, body, headers=()):
        body = body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def any(self):
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length).decode()
        path = self.path.split("?")[0]
        text = [("Content-Type", "text/plain")]
        if path.startswith("/status/"):
            return self.answer(int(path.rsplit("/", 1)[1]), "as you wish\n", text)
        if path == "/echo":
            kept = ("Content-Type", "X-Test", "Accept", "Authorization")
            body = {"method": self.command, "path": self.path, "body": sent, "headers": {k: self.headers[k] for k in kept if self.headers[k]}}
            return self.answer(200, json.dumps(body, sort_keys=True), [("Content-Type", "application/json"), ("X-Answer", "yes")])
        if path == "/move":
            return self.answer(302, "", [("Location", "/hello.txt")])
        if path == "/cookie":
            return self.answer(200, "crumbs", [*text, ("Set-Cookie", "taste=sweet; Path=/"), ("Set-Cookie", "size=big")])
        if path == "/secret":
            wanted = "Basic " + base64.b64encode(b"me:open sesame").decode()
            if self.headers.get("Authorization") != wanted:
                return self.answer(401, "no", [*text, ("WWW-Authenticate", 'Basic realm="twin"')])
            return self.answer(200, "welcome", text)
        if self.command == "GET":
            return super().do_GET()
        if self.command == "HEAD":
            return super().do_HEAD()
        self.answer(405, "no", text)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = any


http.server.ThreadingHTTPServer(("127.0.0.1", 8099), Web).serve_forever()
