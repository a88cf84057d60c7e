"""Raw requests and streams, as a browser or somebody else would send them."""

import socket

from websockets.sync.client import connect


def exchange(port, text):
    """Send the bytes of a request -> everything that is answered until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(text.encode())
        parts = []
        while part := client.recv(65536):
            parts.append(part)
        return b"".join(parts).decode()


def get(port, path, **headers):
    """-> status, {header: value}, body"""
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    head, _, body = exchange(port, "\r\n".join(lines)).partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in rest), body


def stream(address, **how):
    """The stream that belongs to a page's address, asked for as that page does."""
    origin = address.split("/", 3)[:3]
    how = {"origin": "/".join(origin), "compression": None, "proxy": None} | how
    return connect(address.replace("http", "ws", 1) + "scenes", **how)
