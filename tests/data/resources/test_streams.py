"""Which addresses of pictures a page may play."""

import pytest

from data.resources.streams import Stream, stream_of

HOSTS = ("https://video.example", "http://10.0.0.5:8080")


@pytest.mark.parametrize(("address", "hosts", "expected"), [
    ("https://video.example/a/1.m3u8?t=x", HOSTS, Stream("https://video.example/a/1.m3u8?t=x", "hls")),
    ("http://10.0.0.5:8080/1.MP4", HOSTS, Stream("http://10.0.0.5:8080/1.MP4", "mp4")),
    ("HTTPS://VIDEO.example/1.webm", HOSTS, Stream("https://video.example/1.webm", "webm")),
    ("/streams/1.mp4", HOSTS, Stream("https://video.example/streams/1.mp4", "mp4")),
    ("/streams/1.mp4", ("self",), Stream("/streams/1.mp4", "mp4")),
    ("/streams/1.mp4", (), "host"),
    ("https://other.example/1.mp4", HOSTS, "host"),
    ("https://video.example:444/1.mp4", HOSTS, "host"),
    ("https://user:word@video.example/1.mp4", HOSTS, "host"),
    ("https://video.example.evil/1.mp4", HOSTS, "host"),
    ("//video.example/1.mp4", HOSTS, "host"),
    ("1.mp4", HOSTS, "host"),
    ("rtsp://video.example/1.mp4", HOSTS, "kind"),
    ("javascript:/1.mp4", HOSTS, "kind"),
    ("/streams/camera-0001", HOSTS, "kind"),
    ("https://[::1/1.mp4", HOSTS, "kind"),
    ("", HOSTS, "none"),
    (None, HOSTS, "none"),
])
def test_only_pictures_of_the_configured_hosts_are_played(address, hosts, expected):
    assert stream_of(address, hosts) == expected
