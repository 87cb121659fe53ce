"""Nothing is served that nobody declared."""

import pytest
from dash import Dash, Input, Output, html

from callbacks.permits import PermitError, Permits
from data.access.roles import Permission

OWN = ("/", "/<path:path>", "/_dash-layout", "/_dash-dependencies", "/_dash-update-component",
       "/_reload-hash", "/_favicon.ico", "/assets/<path:filename>", "/static/<path:filename>",
       "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>")


def an_app():
    app = Dash(__name__)
    app.layout = html.Div()
    permits = Permits(app)
    permits.declare(dict.fromkeys(OWN, Permission.VIEW))
    return app, permits


def register(app):
    app.server.add_url_rule("/things", "things", lambda: "", methods=["GET", "POST"])
    app.callback(Output("a", "children"), Input("b", "n_clicks"))(lambda n: n)


def test_what_is_registered_in_a_block_needs_its_permission():
    app, permits = an_app()
    with permits.of(Permission.EXPORT, max_body=10):
        register(app)
    permits.require_complete()
    assert permits.callback("a.children").permission is Permission.EXPORT
    assert permits.route("/things", "POST").max_body == 10
    assert permits.route("/things", "HEAD").permission is Permission.EXPORT
    assert permits.route("/things", "DELETE") is None
    assert permits.route("/", "GET").permission is Permission.VIEW


def test_an_undeclared_callback_or_route_stops_the_start():
    app, permits = an_app()
    register(app)
    with pytest.raises(PermitError, match=r"a\.children.*GET /things.*POST /things"):
        permits.require_complete()


def test_a_later_block_takes_nothing_from_an_earlier_one():
    app, permits = an_app()
    with permits.of(Permission.VIEW), permits.of(Permission.AUDIT):
        register(app)
    assert permits.callback("a.children").permission is Permission.AUDIT


def test_a_route_that_is_declared_must_exist():
    _, permits = an_app()
    with pytest.raises(PermitError, match="must exist, got '/nothing'"):
        permits.declare({"/nothing": Permission.VIEW})
