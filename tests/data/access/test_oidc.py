"""Single sign-on: only what the provider signed for us, now, in this session is believed."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from data.access.lockout import PER_ADDRESS
from data.access.oidc import Federation, OidcError
from data.access.oidc_settings import Provider
from data.access.scope import NOTHING, Scope
from data.access.viewer import CONSOLE
from tests.data.access.accounts_of import HOME, NOW, code_at, house
from tests.data.access.provider_of import OTHER, ROLES, sso

SOON, LONG_AGO = int(NOW.timestamp()) + 3600, int(NOW.timestamp()) - 3600
BACK = "http://127.0.0.1:8050/sign-in/sso/back"


@pytest.fixture
def there():
    with sso() as running:
        yield running


class Visit:
    """A browser that goes there and comes back."""

    def __init__(self, store, there, **about):
        provider = there.provider(**about)
        self.here = house(store, provider=provider)
        self.federation = Federation(provider, self.here.sessions, self.here.door)
        self.there = there

    def begin(self, cookie=None):
        return self.federation.begin(cookie=cookie, redirect_uri=BACK, address=HOME, now=NOW)

    def finish(self, args, cookie, now=NOW, address=HOME):
        return self.federation.finish(args, cookie=cookie, address=address, now=now)

    def whole(self, **claims):
        self.there.claims |= claims
        cookie, url = self.begin()
        return self.finish(self.there.agree(url), cookie)


def test_a_person_comes_in_with_mapped_roles_and_areas(store, there):
    visit = Visit(store, there)
    outcome = visit.whole()
    viewer = visit.here.sessions.find(outcome.cookie, now=NOW).viewer
    assert outcome.next == "done"
    assert (viewer.name, viewer.roles, viewer.scope.areas) == ("zhang.san", {"operator"}, {"510108"})
    assert visit.here.actions() == ["account_added", "sign_in"]
    again = visit.whole()
    assert visit.here.sessions.find(again.cookie, now=NOW).account_id == viewer.account_id
    assert len(visit.here.accounts.listing()) == 1


def test_the_address_carries_state_nonce_and_challenge_and_no_secret(store, there):
    visit = Visit(store, there)
    _, url = visit.begin()
    query = parse_qs(urlsplit(url).query)
    assert {"state", "nonce", "code_challenge"} <= set(query)
    assert (query["response_type"], query["code_challenge_method"], query["redirect_uri"]) == (
        ["code"], ["S256"], [BACK])
    assert query["scope"] == ["openid profile"]
    assert "hush" not in url


def test_the_secret_goes_in_the_header_only(store, there):
    visit = Visit(store, there)
    visit.whole()
    asked = there.asked[0]
    assert asked["authorization"].startswith("Basic ")
    assert "hush" not in str({**asked, "authorization": ""})
    assert Visit(store, there, client_secret=None).whole().next == "done"
    assert there.asked[1]["authorization"] == ""


@pytest.mark.parametrize("claims", [
    {"iss": "https://evil.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": []},
    {"aud": ["map", "another"]}, {"aud": ["map", "another"], "azp": "another"}, {"exp": None},
    {"exp": LONG_AGO}, {"exp": "soon"}, {"iat": SOON}, {"iat": None}, {"nbf": SOON}, {"nonce": "another"},
    {"nonce": None}, {"nonce": ["x"]}, {"sub": None}, {"sub": 17}, {"sub": ""},
    {"sub": "x" * 300}, {"sub": "a\x00b"}])
def test_claims_that_do_not_hold_let_nobody_in(store, there, claims):
    visit = Visit(store, there)
    outcome = visit.whole(**claims)
    assert (outcome.next, outcome.cookie) == ("refused", None)
    assert visit.here.actions() == ["sign_in_refused"]
    assert visit.here.accounts.are_none()


@pytest.mark.parametrize(("header", "key"), [
    ({"alg": "RS256", "kid": "one"}, OTHER), ({"alg": "none"}, None),
    ({"alg": "HS256", "kid": "one"}, None), ({"alg": "HS256", "kid": "one"}, OctKey.generate_key(256)),
    ({"alg": "RS256", "kid": "unknown"}, OTHER)])
def test_signatures_that_are_not_the_providers_let_nobody_in(store, there, header, key):
    there.header, there.key = header, key
    assert Visit(store, there).whole().next == "refused"


def test_several_audiences_with_us_as_the_party_are_fine(store, there):
    assert Visit(store, there).whole(aud=["map", "another"], azp="map").next == "done"


@pytest.mark.parametrize("change", [
    {"state": "another"}, {"state": ""}, {"code": ""}, {"code": "unknown"}, {"iss": "https://evil.example"},
    {"error": "access_denied"}])
def test_answers_that_do_not_fit_what_was_begun(store, there, change):
    visit = Visit(store, there)
    cookie, url = visit.begin()
    assert visit.finish({**there.agree(url), **change}, cookie).next == "refused"
    assert visit.here.actions() == ["sign_in_refused"]


def test_an_answer_is_taken_once_only_in_its_session_and_not_too_late(store, there):
    visit = Visit(store, there)
    cookie, url = visit.begin()
    victim, _ = visit.begin()
    args = there.agree(url)
    assert visit.finish(args, victim).next == "refused"  # somebody else's answer in my browser
    assert visit.finish(args, None).next == "refused"
    assert visit.finish(args, "unknown").next == "refused"
    assert visit.finish(args, cookie).next == "done"
    assert visit.finish(args, cookie).next == "refused"  # replayed
    cookie, url = visit.begin()
    assert visit.finish(there.agree(url), cookie, now=NOW + timedelta(minutes=11)).next == "refused"


def test_a_token_of_another_sign_on_is_refused_by_its_nonce(store, there):
    visit = Visit(store, there)
    _, first = visit.begin()
    nonce = parse_qs(urlsplit(first).query)["nonce"][0]
    assert visit.whole(nonce=nonce).next == "refused"


def test_the_cookie_is_new_at_every_step(store, there):
    visit = Visit(store, there)
    planted = visit.here.sessions.start(now=NOW, address=HOME)
    cookie, url = visit.begin(planted)
    done = visit.finish(there.agree(url), cookie)
    assert len({planted, cookie, done.cookie}) == 3
    for old in (planted, cookie):
        assert visit.here.sessions.find(old, now=NOW) is None


@pytest.mark.parametrize(("groups", "why"), [
    ([], "role"), (["unknown"], "role"), (None, "role"), ("root", "role"), ({"desk": 1}, "role"),
    (17, "role"), ([["desk"]], "role"), (["leader"], "role"), (["sys", "audit"], "conflict")])
def test_without_a_role_of_ours_nobody_comes_in(store, there, groups, why):
    visit = Visit(store, there)
    assert visit.whole(groups=groups).next == "refused"
    (row,) = visit.here.parts.audit.listing()
    assert row.detail["why"] == why


def test_roles_that_are_lost_there_are_lost_here(store, there):
    visit = Visit(store, there)
    old = visit.whole().cookie
    assert visit.whole(groups=["unknown"]).next == "refused"
    assert visit.here.accounts.find("zhang.san").roles == frozenset()
    assert visit.here.sessions.find(old, now=NOW).viewer.permissions == frozenset()
    outcome = visit.whole(groups="desk", areas="510104")
    assert visit.here.sessions.find(outcome.cookie, now=NOW).viewer.scope.areas == {"510104"}


@pytest.mark.parametrize(("claims", "about", "scope"), [
    ({"areas": ["510108", "510104001"]}, {}, Scope(frozenset({"510108", "510104001"}))),
    ({"areas": ["*"]}, {}, NOTHING),
    ({"areas": ["*", "510108"]}, {}, Scope(frozenset({"510108"}))),
    ({"areas": ["5101", "x", "' OR 1=1", 510108, None]}, {}, NOTHING),
    ({"areas": None}, {}, NOTHING),
    ({"areas": ["city"]}, {"areas": {"city": "*"}}, Scope(frozenset({"*"}))),
    ({"areas": ["city", "510108"]}, {"areas": {"city": "*"}}, Scope(frozenset({"*"}))),
    ({"areas": ["510108"], "dept": ["D1", "x y"]}, {"departments_claim": "dept"},
     Scope(frozenset({"510108"}), frozenset({"D1"}))),
    ({"areas": ["510108"]}, {"departments_claim": "dept"}, NOTHING),
    ({"areas": ["510108"]}, {"areas_claim": ""}, NOTHING),
    ({"areas": None, "app": {"where": ["510108"]}}, {"areas_claim": "app.where"},
     Scope(frozenset({"510108"}))),
])
def test_areas_and_departments_of_claims(claims, about, scope):
    provider = Provider(**{"issuer": "https://sso.example", "client_id": "map", "roles": ROLES,
                           "areas_claim": "areas", **about})
    assert provider.scope_of(claims) == scope


def test_a_local_account_is_never_taken_over(store, there):
    visit = Visit(store, there)
    local = visit.here.add("zhang.san", roles=("planner",))
    outcome = visit.whole()
    found = visit.here.sessions.find(outcome.cookie, now=NOW)
    assert found.account_id != local.account_id
    assert found.name.startswith("sso-")
    assert visit.here.accounts.find("zhang.san").roles == {"planner"}


@pytest.mark.parametrize("name", ["张三", "", None, ["x"], "a" * 99, "../../etc", "<script>"])
def test_names_that_are_none_here_get_one(store, there, name):
    visit = Visit(store, there)
    outcome = visit.whole(preferred_username=name)
    assert visit.here.sessions.find(outcome.cookie, now=NOW).name.startswith("sso-")


def test_accounts_of_single_sign_on_have_no_password(store, there):
    visit = Visit(store, there)
    visit.whole()
    for password in ("", "x", "None"):
        assert visit.here.try_password("zhang.san", password).next == "refused"


def test_the_second_factor_is_ours_unless_theirs_counts(store, there):
    visit = Visit(store, there)
    outcome = visit.whole(groups=["leaders"], amr=["pwd", "otp"])
    assert outcome.next == "enrol"
    secret = visit.here.door.enrol(cookie=outcome.cookie, now=NOW).secret
    code = code_at(secret, NOW)
    assert visit.here.door.code(code, cookie=outcome.cookie, address=HOME, now=NOW).next == "done"
    assert Visit(store, there, second_factor=("otp", "mfa")).whole().next == "done"
    assert Visit(store, there, second_factor=("hwk",)).whole().next == "totp"


def test_a_disabled_account_stays_out(store, there):
    visit = Visit(store, there)
    visit.whole()
    visit.here.accounts.disable("zhang.san", by=CONSOLE, now=NOW)
    assert visit.whole().next == "refused"


def test_wrong_answers_lock_the_address(store, there):
    visit = Visit(store, there)
    tries = [visit.finish({"state": "x", "code": "y"}, None).next for _ in range(PER_ADDRESS + 2)]
    assert tries == ["refused"] * (PER_ADDRESS - 1) + ["locked"] * 3
    assert visit.whole().next == "locked"


@pytest.mark.parametrize("metadata", [
    {"issuer": "https://evil.example"}, {"token_endpoint": "http://sso.example/token"}, {"jwks_uri": None},
    {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": "ftp://127.0.0.1/x"}])
def test_a_provider_that_is_not_the_one_of_the_settings(store, there, metadata):
    there.metadata = metadata
    with pytest.raises(OidcError, match="must be"):
        Visit(store, there).begin()


def test_a_provider_that_does_not_answer_is_named(store, there):
    visit = Visit(store, there)
    there.token_status = 500
    assert visit.whole().next == "refused"
    nowhere = Provider(issuer="http://127.0.0.1:1", client_id="map", roles=ROLES)
    with pytest.raises(OidcError, match="the provider must answer"):
        Federation(nowhere, visit.here.sessions, visit.here.door).begin(
            cookie=None, redirect_uri=BACK, address=HOME, now=NOW)


def test_another_issuer_or_no_setting_lets_nobody_in(store, there):
    visit = Visit(store, there)
    ask = {"cookie": None, "address": HOME, "now": NOW}
    claims = {"groups": ["desk"], "areas": ["510108"]}
    assert visit.here.door.federated("https://evil.example", "u-17", claims, **ask).next == "refused"
    assert house(store).door.federated(there.base, "u-17", claims, **ask).next == "refused"
    assert visit.here.door.federated(there.base, "u-17", claims, **ask).next == "done"


def test_nothing_secret_is_logged(store, there, caplog):
    caplog.set_level(logging.DEBUG)
    visit = Visit(store, there)
    cookie, url = visit.begin()
    args = there.agree(url)
    code, verifier = args["code"], visit.here.sessions.find(cookie, now=NOW).content["oidc"]["verifier"]
    visit.finish(args, cookie)
    visit.whole(nonce="another")
    told = caplog.text + repr(visit.here.parts.provider)
    for hidden in ("hush", code, verifier, cookie, "Basic "):
        assert hidden not in told
