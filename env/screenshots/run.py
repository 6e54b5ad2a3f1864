"""Take the pictures of the documentation: run.py CHROMIUM URL FOLDER [NAME…]

Reads the ids that ``data.py`` found, and writes the pictures into FOLDER.
"""

import io
import json
import sys
import urllib.request
from pathlib import Path

from browser import TIME_ZONE, Browser, BrowserError
from pictures import PICTURES
from PIL import Image

# toasts, and counters of what comes in meanwhile
HIDDEN = """
    .o_notification_manager, .o-mail-ChatHub, .o-mail-MessagingMenu-counter,
    .o-mail-DiscussSystray-class .badge {
        display: none !important;
    }
"""


class Server:
    """What is asked of Odoo beside the browser: sessions, and the language of users."""

    def __init__(self, url, ids):
        self.url = url
        self.ids = ids
        self.sessions = {}

    def call(self, path, session="", **parameters):
        request = urllib.request.Request(
            self.url + path,
            json.dumps({"jsonrpc": "2.0", "params": parameters}).encode(),
            {"Content-Type": "application/json", "Cookie": f"session_id={session}"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            result = json.load(answer)
            if "error" in result:
                raise BrowserError(result["error"]["data"]["message"])
            return result["result"], answer.headers

    def sign_in(self, login):
        """The session of a user."""
        if login not in self.sessions:
            values = {"db": self.ids["database"], "login": login, "password": login}
            _result, headers = self.call("/web/session/authenticate", **values)
            cookie = headers["Set-Cookie"].split("session_id=")[1]
            self.sessions[login] = cookie.split(";")[0]
        return self.sessions[login]

    def set_language(self, login, language):
        """The language of a user, from his next session on: it holds the direction, too."""
        self.call(
            "/web/dataset/call_kw/res.users/write",
            self.sign_in(login),
            model="res.users",
            method="write",
            args=[[self.ids[f"login {login}"]], {"lang": language}],
            kwargs={},
        )
        del self.sessions[login]

    def fill(self, address):
        """The address with the ids of the records that it names."""
        return f"{self.url}/odoo/{address.format_map(self.ids)}"


def take(browser, server, picture, folder):
    """The PNG of a picture; of a page that is not as expected one stays in the folder."""
    if picture.language:
        server.set_language(picture.user, picture.language)
    cookies = {"session_id": server.sign_in(picture.user), "tz": TIME_ZONE}
    size = (picture.width, picture.height)
    try:
        with browser.page(*size, cookies, server.url) as page:
            page.open(server.fill(picture.address))
            page.wait_for(".o_action_manager .o_action", seconds=180)  # makes the assets
            page.settle()
            page.add_style(HIDDEN)
            try:
                for step in picture.steps:
                    step(page)
                page.wait_for(*picture.ready)
                image = page.picture(picture.part)
            except BrowserError:
                # what there was instead
                Path(folder, f"{picture.name}.failed").write_bytes(page.picture())
                raise
            # forms that are left would be saved
            page.disconnect()
            if page.errors:
                raise BrowserError(page.errors[0])
            return image
    finally:
        if picture.language:
            server.set_language(picture.user, "en_US")


def main():
    program, url, folder, *names = sys.argv[1:]
    server = Server(url, json.load(sys.stdin))
    unknown = set(names) - {picture.name for picture in PICTURES}
    if unknown:
        return f"no such pictures: {', '.join(sorted(unknown))}"
    failed = []
    with Browser(program) as browser:
        for picture in PICTURES:
            if names and picture.name not in names:
                continue
            try:
                image = Image.open(io.BytesIO(take(browser, server, picture, folder)))
            except (BrowserError, OSError) as error:
                print(f"{picture.name}: {error}", flush=True)
                failed.append(picture.name)
                continue
            # a quarter of the size, and nobody sees the difference
            image = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            image.save(Path(folder) / f"{picture.name}.png", optimize=True)
            print(picture.name, flush=True)
    return f"failed: {', '.join(failed)}" if failed else 0


if __name__ == "__main__":
    sys.exit(main())
