"""A client that signs in through the pages as people do."""

import re

PAGE = {"Accept": "text/html"}
PASSWORD = "correct horse battery staple"


def token_of(answer):
    return re.search(r'name="csrf_token" value="([^"]+)"', answer.text).group(1)


def secret_in(answer):
    return "".join(re.search(r'doc__secret">([^<]+)<', answer.text).group(1).split())


def cookie_in(answer, name="session"):
    found = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}=")]
    return found[-1].split(";")[0].partition("=")[2] if found else None


class Browser:
    """A client that fills in forms as people do."""

    def __init__(self, wall):
        self.client = wall.server.test_client()

    def get(self, path, **about):
        return self.client.get(path, headers={**PAGE, **about.pop("headers", {})}, **about)

    def send(self, path, page, **fields):
        return self.client.post(path, data={"csrf_token": token_of(page), **fields}, headers=PAGE)

    def sign_in(self, name, password, query=""):
        return self.send(f"/sign-in{query}", self.get(f"/sign-in{query}"), name=name, password=password)

    @property
    def cookie(self):
        return self.client.get_cookie("session").value
