"""Chromium, driven through its remote debugging: pages, clicks, pictures."""

import base64
import contextlib
import json
import subprocess
import tempfile
import time
from pathlib import Path

import websocket

OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--hide-scrollbars", "--force-device-scale-factor=1", "--force-color-profile=srgb"),
    *("--no-first-run", "--disable-extensions", "--mute-audio", "--remote-debugging-port=0"),
    *("--remote-allow-origins=*", "--lang=en-US", "about:blank"),
)
TIME_ZONE = "Europe/Brussels"  # of the demo users
# no cursor that blinks, nothing that moves
STILL = """
    *, *::before, *::after {
        caret-color: transparent !important;
        animation-duration: 0s !important;
        transition: none !important;
        scroll-behavior: auto !important;
    }
"""
# :param find: CSS selector, and what the text of the element holds
FIND = """
    (selector, text) => [...document.querySelectorAll(selector)].filter(
        (each) => each.getClientRects().length && each.textContent.includes(text)
    )
"""
BUSY = (
    "document.readyState !== 'complete' || document.fonts.status === 'loading' || "
    "Boolean(document.querySelector('.o_loading_indicator, .o_blockUI, .o_view_sample_data'))"
)


class BrowserError(Exception):
    """The page is not as a picture expects it."""


class Browser:
    """One Chromium; each page has cookies of its own."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [self.program, f"--user-data-dir={self.folder.name}", *OPTIONS],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = Path(self.folder.name) / "DevToolsActivePort"
        for _ in range(300):
            with contextlib.suppress(OSError, ValueError):
                number, path = port.read_text().split()
                break
            time.sleep(0.1)
        else:
            raise BrowserError("Chromium does not start")
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{number}{path}", timeout=60)
        self.number = 0
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()

    def send(self, method, session=None, on_event=None, **parameters):
        """The result of a command; events that come meanwhile go to ``on_event``."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                break
            if on_event and answer.get("sessionId") == session:
                on_event(answer["method"], answer["params"])
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    @contextlib.contextmanager
    def page(self, width, height, cookies, url):
        """A tab of its own, signed in by its cookies."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)
        try:
            page = Page(self, target["targetId"])
            for name, value in cookies.items():
                page.send("Network.setCookie", name=name, value=value, url=url)
            page.set_size(width, height)
            yield page
        finally:
            self.send("Target.disposeBrowserContext", browserContextId=context)


class Page:
    """A tab.

    All waits end with :class:`BrowserError` after ``seconds``.
    """

    def __init__(self, browser, target, seconds=25):
        self.browser = browser
        self.seconds = seconds
        self.requests = set()
        self.errors = []
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.send(f"{domain}.enable")
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
        )
        self.send("Emulation.setTimezoneOverride", timezoneId=TIME_ZONE)

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, self._on_event, **parameters)

    def _on_event(self, method, values):
        if method == "Network.requestWillBeSent" and values["type"] != "WebSocket":
            # the bus keeps its requests open
            if "/websocket" not in values["request"]["url"]:
                self.requests.add(values["requestId"])
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self.requests.discard(values["requestId"])
        elif method == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))

    def set_size(self, width, height):
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def open(self, url):
        self.requests.clear()
        self.send("Page.navigate", url=url)

    def evaluate(self, script):
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def wait_for(self, selector, text="", seconds=None):
        seconds = seconds or self.seconds
        deadline = time.monotonic() + seconds
        while not self.evaluate(f"({FIND})({json.dumps(selector)}, {json.dumps(text)}).length"):
            if time.monotonic() > deadline:
                raise BrowserError(f"waited {seconds} seconds for {selector} {text}".strip())
            time.sleep(0.1)

    def settle(self):
        """Wait until nothing was loaded or drawn for half a second."""
        deadline, quiet = time.monotonic() + self.seconds, time.monotonic()
        while time.monotonic() - quiet < 0.5:
            if self.evaluate(BUSY) or self.requests:
                quiet = time.monotonic()
            if time.monotonic() > deadline:
                raise BrowserError("the page does not come to rest")
            time.sleep(0.05)

    def click(self, selector, text="", count=1):
        """Click the first visible element; the pointer leaves it again."""
        self.wait_for(selector, text)
        point = self.evaluate(
            f"""(() => {{
                const found = ({FIND})({json.dumps(selector)}, {json.dumps(text)})[0];
                found.scrollIntoView({{block: "nearest", inline: "nearest"}});
                const box = found.getBoundingClientRect();
                return [box.left + box.width / 2, box.top + box.height / 2];
            }})()"""
        )
        x, y = point
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            self.send(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button=button,
                clickCount=count,
            )
        self.settle()

    def leave(self):
        """Take the pointer and the keyboard away from everything."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)

    def write(self, selector, text):
        """Write into a field, over what is in it."""
        self.click(selector, count=3)
        self.send("Input.insertText", text=text)
        self.settle()

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key)
        self.settle()

    def disconnect(self):
        """Nothing that the page does from now on reaches the server."""
        self.send(
            "Network.emulateNetworkConditions",
            offline=True,
            latency=0,
            downloadThroughput=0,
            uploadThroughput=0,
        )

    def add_style(self, style):
        self.evaluate(
            "document.head.appendChild(Object.assign(document.createElement('style'), "
            f"{{textContent: {json.dumps(style)}}})), true"
        )

    def picture(self, selector=None):
        """A PNG of the window, or of one element of it."""
        self.add_style(STILL)
        self.leave()
        self.settle()
        parameters = {"format": "png"}
        if selector:
            box = self.evaluate(
                f"(({FIND})({json.dumps(selector)}, '')[0] || document.body)"
                ".getBoundingClientRect().toJSON()"
            )
            parameters["clip"] = {key: box[key] for key in ("x", "y", "width", "height")}
            parameters["clip"]["scale"] = 1
        return base64.b64decode(self.send("Page.captureScreenshot", **parameters)["data"])
