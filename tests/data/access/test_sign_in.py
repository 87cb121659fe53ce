"""One factor after the other; a refusal tells nothing, and no try is checked beyond what is allowed."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from data.access.audit import Audit
from data.access.lockout import LOCKED_FOR, PER_ACCOUNT, PER_ADDRESS
from data.access.passwords import PasswordError, Passwords
from data.access.seal import Sealer
from data.access.sign_in import EnrolError, SignIn
from data.access.tables import account, session, sign_in_failure
from data.access.totp import SecondFactors
from data.access.viewer import CONSOLE
from tests.data.access.accounts_of import HOME, NOW, PASSWORD, code_at, house

LATER = NOW + timedelta(minutes=1)


class Counting(Passwords):
    """Passwords that tell how often one was really compared."""

    def __init__(self) -> None:
        super().__init__(waiting=200, wait_s=60)
        self.verified: list[str | None] = []

    def verify(self, stored, password):
        self.verified.append(stored)
        return super().verify(stored, password)


def test_a_right_password_lets_in_with_roles_and_scope(store):
    here = house(store)
    here.add(areas=("510108", "510104"))
    outcome = here.try_password(" WANG ")
    found = here.sessions.find(outcome.cookie, now=NOW)
    assert outcome.next == "done"
    assert (found.viewer.name, found.viewer.roles) == ("wang", {"operator"})
    assert found.viewer.scope.areas == {"510108", "510104"}
    assert here.actions() == ["account_added", "sign_in"]


@pytest.mark.parametrize("name", ["wang", "nobody", "nobody\x00", "名字", "x" * 5000, ""])
def test_whatever_is_wrong_the_answer_is_the_same(store, name):
    hasher = Counting()
    here = house(store, passwords=hasher)
    here.add()
    outcome = here.try_password(name, "wrong password")
    assert (outcome.next, outcome.cookie, outcome.until) == ("refused", None, None)
    assert len(hasher.verified) == 1  # the same work
    assert here.actions()[-1] == "sign_in_refused"


def test_a_disabled_account_is_refused_like_a_wrong_password(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    here.accounts.disable("wang", by=CONSOLE, now=NOW)
    assert here.sessions.find(cookie, now=NOW) is None
    assert here.try_password().next == "refused"
    here.accounts.enable("wang", by=CONSOLE, now=NOW)
    assert here.try_password().next == "done"
    assert here.sessions.find(cookie, now=NOW) is None  # the old session stays dead


def test_every_factor_gives_a_new_cookie_and_the_old_one_is_dead(store):
    here = house(store)
    secret = here.enrolled("li")
    planted = here.sessions.start(now=NOW, address=HOME)
    first = here.try_password("li", cookie=planted)
    assert first.next == "totp"
    assert here.sessions.find(first.cookie, now=NOW).viewer is None
    assert here.sessions.find(planted, now=NOW) is None
    second = here.door.code(code_at(secret, NOW), cookie=first.cookie, address=HOME, now=NOW)
    assert second.next == "done"
    assert len({planted, first.cookie, second.cookie}) == 3
    assert here.sessions.find(first.cookie, now=NOW) is None
    assert here.sessions.find(second.cookie, now=NOW).viewer.name == "li"


def test_who_may_open_persons_enrols_a_second_factor_first(store):
    here = house(store)
    here.add("li", roles=("street_op",))
    outcome = here.try_password("li")
    assert outcome.next == "enrol"
    begun = here.door.enrol(cookie=outcome.cookie, now=NOW)
    assert here.door.enrol(cookie=outcome.cookie, now=NOW) == begun  # the same while it lasts
    assert begun.uri.startswith("otpauth://totp/")
    assert here.door.code("000000", cookie=outcome.cookie, address=HOME, now=NOW).next == "refused"
    done = here.door.code(code_at(begun.secret, NOW), cookie=outcome.cookie, address=HOME, now=NOW)
    assert done.next == "done"
    assert here.actions()[-3:] == ["sign_in_refused", "totp_enrolled", "sign_in"]
    with pytest.raises(EnrolError, match="where there is none"):
        here.door.enrol(cookie=done.cookie, now=NOW)


def test_nobody_learns_a_secret_that_somebody_else_confirms(store):
    here = house(store)
    here.add("li", roles=("leader",))
    thief, owner = here.try_password("li").cookie, here.try_password("li").cookie
    seen = here.door.enrol(cookie=thief, now=NOW)
    mine = here.door.enrol(cookie=owner, now=NOW)
    assert seen.secret != mine.secret
    assert here.door.code(code_at(seen.secret, NOW), cookie=thief, address=HOME, now=NOW).next == "refused"
    assert here.door.code(code_at(mine.secret, NOW), cookie=thief, address=HOME, now=NOW).next == "refused"
    assert here.door.code(code_at(mine.secret, NOW), cookie=owner, address=HOME, now=NOW).next == "done"


def test_a_code_is_used_once_also_by_many_at_once(store):
    here = house(store)
    secret = here.enrolled("li")
    cookies = [here.try_password("li").cookie for _ in range(4)]
    code = code_at(secret, NOW)
    with ThreadPoolExecutor(4) as pool:
        tries = pool.map(lambda each: here.door.code(code, cookie=each, address=HOME, now=NOW).next, cookies)
    assert sorted(tries) == ["done", "refused", "refused", "refused"]
    again = here.try_password("li").cookie
    assert here.door.code(code, cookie=again, address=HOME, now=NOW + timedelta(seconds=20)).next != "done"


def test_parallel_tries_at_one_account_are_checked_exactly_as_often_as_allowed(store):
    hasher = Counting()
    here = house(store, passwords=hasher)
    here.add()
    addresses = [f"10.1.0.{number}" for number in range(40)]
    with ThreadPoolExecutor(20) as pool:
        tries = list(pool.map(lambda each: here.try_password(password="wrong", address=each).next, addresses))
    assert len(hasher.verified) == PER_ACCOUNT
    assert tries.count("refused") == PER_ACCOUNT - 1
    assert tries.count("locked") == 40 - PER_ACCOUNT + 1
    assert here.actions().count("locked") == 1
    assert here.actions().count("sign_in_refused") == PER_ACCOUNT
    locked = here.try_password(address="10.2.0.1")  # the right one, too
    assert (locked.next, locked.until) == ("locked", NOW + LOCKED_FOR)
    assert here.try_password(now=NOW + LOCKED_FOR + timedelta(seconds=1)).next == "done"


def test_unknown_names_are_locked_like_known_ones(store):
    here = house(store)
    tries = [here.try_password("nobody", "wrong") for _ in range(PER_ACCOUNT + 1)]
    assert [each.next for each in tries] == ["refused"] * (PER_ACCOUNT - 1) + ["locked"] * 2
    assert tries[-1].until == NOW + LOCKED_FOR


def test_an_address_is_locked_whatever_names_it_tries_and_locks_no_account_after(store):
    hasher = Counting()
    here = house(store, passwords=hasher)
    here.add()
    with ThreadPoolExecutor(10) as pool:
        tries = list(pool.map(lambda number: here.try_password(f"name{number}", "wrong").next, range(50)))
    assert len(hasher.verified) == PER_ADDRESS
    assert tries.count("refused") == PER_ADDRESS - 1
    for _ in range(PER_ACCOUNT + 1):
        assert here.try_password("wang", "wrong").next == "locked"
    assert here.try_password("wang", address="10.9.9.9").next == "done"


def test_right_sign_ins_do_not_wear_an_address_out(store):
    here = house(store)
    here.add()
    for _ in range(PER_ADDRESS + 5):
        assert here.try_password().next == "done"


def test_a_right_password_does_not_give_codes_back(store):
    here = house(store)
    secret = here.enrolled("li")
    for number in range(PER_ACCOUNT):
        cookie = here.try_password("li", address=f"10.3.0.{number}").cookie
        assert cookie is not None  # the password is right each time, and its own count starts anew
        here.door.code("000000", cookie=cookie, address=f"10.3.1.{number}", now=NOW)
    cookie = here.try_password("li", address="10.3.0.9").cookie
    tried = here.door.code(code_at(secret, NOW), cookie=cookie, address="10.3.1.9", now=NOW)
    assert (tried.next, tried.until) == ("locked", NOW + LOCKED_FOR)


class Meanwhile(Passwords):
    """Passwords during whose check somebody else does something."""

    act = staticmethod(lambda: None)

    def verify(self, stored, password):
        right = super().verify(stored, password)
        self.act()
        return right


@pytest.mark.parametrize("change", ["reset", "disable"])
def test_an_old_password_opens_nothing_that_outlives_a_reset(store, change):
    hasher = Meanwhile()
    here = house(store, passwords=hasher)
    here.add()
    hasher.act = lambda: getattr(here.accounts, change)("wang", by=CONSOLE, now=LATER)
    assert here.try_password().next == "refused"
    with store.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(session)).scalar_one() == 0


def test_a_new_password_does_not_undo_a_reset(store):
    hasher = Meanwhile()
    here = house(store, passwords=hasher)
    here.add()
    cookie = here.try_password().cookie
    told = []
    hasher.act = lambda: told or told.append(here.accounts.reset("wang", by=CONSOLE, now=LATER)[1])
    ask = {"cookie": cookie, "address": HOME, "now": NOW}
    tried = here.door.change_password(PASSWORD, "a new one that is long", **ask)
    assert tried.next == "refused"
    assert here.try_password(password="a new one that is long").next == "refused"
    assert here.try_password(password=told[0]).next == "password"


def test_too_many_at_once_are_sent_away_and_nothing_is_counted(store):
    here = house(store, passwords=Passwords(at_once=1, waiting=0, wait_s=0))
    here.add()
    here.parts.passwords._turn.acquire()
    assert here.try_password().next == "busy"
    here.parts.passwords._turn.release()
    with store.engine.connect() as connection:
        assert set(connection.execute(sa.select(sign_in_failure.c.failures)).scalars()) == {0}
    assert here.try_password().next == "done"


def test_verifying_holds_no_connection(store):
    class Watching(Passwords):
        held = -1

        def verify(self, stored, password):
            self.held = store.engine.pool.checkedout()
            return super().verify(stored, password)

    hasher = Watching()
    here = house(store, passwords=hasher)
    here.add()
    here.try_password()
    assert hasher.held == 0


def test_an_old_hash_is_made_anew_at_the_next_sign_in(store):
    here = house(store)
    here.add()
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with store.engine.begin() as connection:
        connection.execute(sa.update(account).values(password_hash=weak))
    assert here.try_password(password="wrong").next == "refused"
    assert here.accounts.find("wang").password_hash == weak
    assert here.try_password().next == "done"
    assert here.accounts.find("wang").password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert here.try_password().next == "done"


def test_a_given_password_must_be_changed_before_anything_else(store):
    here = house(store)
    here.add(must_change=True)
    outcome = here.try_password()
    assert outcome.next == "password"
    assert here.sessions.find(outcome.cookie, now=NOW).viewer is None
    other = here.try_password().cookie
    ask = {"cookie": outcome.cookie, "address": HOME, "now": NOW}
    with pytest.raises(PasswordError, match="differ"):
        here.door.change_password(PASSWORD, PASSWORD, **ask)
    with pytest.raises(PasswordError, match="name of the account"):
        here.door.change_password(PASSWORD, "Wang-is-the-name", **ask)
    assert here.door.change_password("not this", "a new one that is long", **ask).next == "refused"
    done = here.door.change_password(PASSWORD, "a new one that is long", **ask)
    assert done.next == "done"
    assert here.sessions.find(done.cookie, now=NOW).viewer.name == "wang"
    assert here.sessions.find(outcome.cookie, now=NOW) is None
    assert here.sessions.find(other, now=NOW) is None
    assert here.try_password().next == "refused"
    assert here.try_password(password="a new one that is long").next == "done"
    assert "password_changed" in here.actions()


def test_the_second_factor_comes_before_the_new_password(store):
    here = house(store)
    here.add("li", roles=("leader",), must_change=True)
    cookie = here.try_password("li").cookie
    ask = {"cookie": cookie, "address": HOME, "now": NOW}
    tried = here.door.change_password(PASSWORD, "a new one that is long", **ask)
    assert tried.next == "refused"
    secret = here.door.enrol(cookie=cookie, now=NOW).secret
    assert here.door.code(code_at(secret, NOW), cookie=cookie, address=HOME, now=NOW).next == "password"


def test_codes_and_enrolments_need_a_password_before(store):
    here = house(store)
    anonymous = here.sessions.start(now=NOW, address=HOME)
    for cookie in (anonymous, "nothing", ""):
        assert here.door.code("123456", cookie=cookie, address=HOME, now=NOW).next == "refused"
        with pytest.raises(EnrolError, match="after a right password"):
            here.door.enrol(cookie=cookie, now=NOW)
        assert here.door.change_password(PASSWORD, "a new one that is long", cookie=cookie, address=HOME,
                                         now=NOW).next == "refused"


def test_another_secret_key_lets_no_code_pass_and_says_so_in_the_log(store, caplog):
    here = house(store)
    secret = here.enrolled("li")
    other = SignIn(here.parts.__class__(**{
        **{name: getattr(here.parts, name) for name in here.parts.__slots__},
        "seconds": SecondFactors(store, Sealer(b"another key" * 4))}))
    cookie = other.password("li", PASSWORD, cookie=None, address=HOME, now=NOW).cookie
    assert other.code(code_at(secret, NOW), cookie=cookie, address=HOME, now=NOW).next == "refused"
    assert "cannot be read" in caplog.text


def test_signing_out_ends_one_session_and_everywhere_all(store):
    here = house(store)
    here.add()
    first, second, third = (here.try_password().cookie for _ in range(3))
    here.door.sign_out(cookie=first, address=HOME, now=NOW)
    assert here.sessions.find(first, now=NOW) is None
    assert here.sessions.find(second, now=NOW) is not None
    assert here.door.sign_out_everywhere(cookie=second, address=HOME, now=NOW) == 2
    assert here.sessions.find(third, now=NOW) is None
    assert here.door.sign_out_everywhere(cookie=third, address=HOME, now=NOW) == 0
    assert here.actions()[-2:] == ["sign_out", "sign_out"]


def test_nothing_secret_is_logged_recorded_or_shown(store, caplog):
    caplog.set_level(logging.DEBUG)
    here = house(store)
    secret = here.enrolled("li")
    wrong = "Wr0ng-and-secret"
    here.try_password("li", wrong)
    outcome = here.try_password("li")
    code = code_at(secret, NOW)
    done = here.door.code(code, cookie=outcome.cookie, address=HOME, now=NOW)
    standing = here.sessions.find(done.cookie, now=NOW)
    holder = here.accounts.find("li")
    assert holder.password_hash
    told = caplog.text + repr([outcome, done, standing, holder, here.parts, here.parts.seconds])
    told += "".join(str(row) for row in Audit(store).listing())
    for hidden in (PASSWORD, wrong, secret, code, done.cookie, standing.csrf, holder.password_hash, "argon2"):
        assert hidden not in told


def test_the_record_is_whole_after_all_this(store):
    here = house(store)
    here.enrolled("li")
    here.try_password("li", "wrong")
    assert Audit(store).verify().ok
