"""A headless Chromium, spoken to by its DevTools protocol: what a page looks like, says and asks for."""

import base64
import json
import os
import shutil
import signal
import subprocess
import urllib.request
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from websockets.sync.client import connect

NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
LOUD = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


class Browser:
    def __init__(self, folder):
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if program is None:
            pytest.skip("no Chromium to test with (Debian: apt-get install chromium-headless-shell)")
        words = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0")
        self.process = subprocess.Popen(
            [program, *words, f"--user-data-dir={folder}", "about:blank"],
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        for line in self.process.stderr:
            if "DevTools listening on ws://" in line:
                self.host = line.split("ws://")[1].split("/")[0]
                return
        pytest.fail("Chromium ended before it listened")

    @contextmanager
    def tab(self, width=1280, height=720, theme="dark"):
        request = urllib.request.Request(f"http://{self.host}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=60) as answer:
            address = json.load(answer)["webSocketDebuggerUrl"]
        with connect(address, max_size=None, compression=None, proxy=None) as socket:
            tab = Tab(socket, width, height, theme)
            yield tab
            tab.call("Page.close")

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # what is in the path may be a script that starts the browser
        self.process.wait()
        self.process.stderr.close()


class Tab:
    def __init__(self, socket, width, height, theme):
        self.socket, self.number, self.said, self.asked, self.loaded = socket, 0, [], [], False
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def call(self, method, **how):
        """-> the answer; on the way it notes what the page says in the console, and every address it asks for."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": how}))
        while True:
            message = self._hear()
            if message.get("id") == self.number:
                assert "result" in message, f"{method}: {message}"
                return message["result"]

    def _hear(self):
        message = json.loads(self.socket.recv(120))
        method, told = message.get("method"), message.get("params")
        self.loaded = self.loaded or method == "Page.loadEventFired"
        if method in LOUD:
            self.said.append(told)
        elif method == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked.append(told["url"])
        return message

    def open(self, address):
        self.loaded = False
        self.call("Page.navigate", url=address)
        while not self.loaded:
            self._hear()

    def run(self, script):
        """The value of an expression, promises waited for; the page's policy holds for it."""
        how = {"awaitPromise": True, "returnByValue": True, "allowUnsafeEvalBlockedByCSP": False}
        return self.call("Runtime.evaluate", expression=script, **how)["result"].get("value")

    def shot(self):
        """What is seen, uint8 RGB [H, W, 3]."""
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
