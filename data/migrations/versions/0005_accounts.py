"""Accounts, sessions, wall display tokens, details of persons, and an audit log that only grows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NO_CODES = sa.text("'{}'")
TABLES = ("person_detail", "audit_log", "display_token", "sign_in_failure", "session", "account")


def words(name, *, required=False):
    """A text."""
    return sa.Column(name, sa.Text, nullable=not required)


def codes(name):
    """A list of codes, empty unless said."""
    return sa.Column(name, sa.ARRAY(sa.Text()), server_default=NO_CODES, nullable=False)


def instant(name, *, required=False):
    """An aware moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def flag(name):
    """False unless said."""
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def accounts() -> None:
    """People who sign in, and their sessions."""
    op.create_table(
        "account",
        sa.Column("account_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        words("display_name"), codes("roles"), codes("areas"), codes("departments"),
        words("password_hash"), instant("password_at"), flag("must_change"),
        sa.Column("totp_sealed", sa.LargeBinary), instant("totp_since"),
        sa.Column("totp_step", sa.BigInteger),
        words("oidc_issuer"), words("oidc_subject"), flag("is_disabled"),
        instant("created_at", required=True), instant("changed_at", required=True),
    )
    op.create_index("account_by_subject", "account", ["oidc_issuer", "oidc_subject"], unique=True,
                    postgresql_where=sa.text("oidc_subject IS NOT NULL"))
    op.create_table(
        "session",
        sa.Column("session_hash", sa.Text, primary_key=True),
        sa.Column("account_id", sa.BigInteger, sa.ForeignKey("account.account_id", ondelete="CASCADE")),
        codes("factors"), words("csrf", required=True),
        sa.Column("content", JSONB, server_default=NO_CODES, nullable=False),
        instant("created_at", required=True), instant("seen_at", required=True), words("address"),
    )
    op.create_index("session_by_account", "session", ["account_id"])
    op.create_table(
        "sign_in_failure",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        instant("first_at", required=True), instant("last_at", required=True), instant("locked_until"),
    )


def screens_and_persons() -> None:
    """Screens without a person, and what is known of persons beyond their masked names."""
    op.create_table(
        "display_token",
        sa.Column("token_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        words("name", required=True),
        sa.Column("areas", sa.ARRAY(sa.Text()), nullable=False),
        codes("departments"),
        sa.Column("pages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("issued_by", sa.BigInteger, sa.ForeignKey("account.account_id")),
        instant("created_at", required=True), instant("expires_at"), instant("revoked_at"),
        instant("seen_at"),
    )
    op.create_table(
        "person_detail",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, primary_key=True),
        words("street_code", required=True), words("name"), words("phone"), words("address"),
        flag("is_synthetic"),
    )
    op.create_index("person_detail_by_street", "person_detail", ["street_code"])


def audit() -> None:
    """The log: rows are added, never changed and never removed."""
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        instant("at", required=True),
        sa.Column("account_id", sa.BigInteger), words("account_name", required=True), words("address"),
        words("action", required=True), words("object_kind"), words("object_id"), words("reason"),
        sa.Column("detail", JSONB, server_default=NO_CODES, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("audit_log_by_at", "audit_log", ["at"])
    op.create_index("audit_log_by_account", "audit_log", ["account_name", "at"])
    op.execute("""
        CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'audit_log only grows: % is refused', TG_OP
                USING ERRCODE = 'insufficient_privilege';
        END $$""")
    op.execute("""
        CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows()""")
    op.execute("""
        CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()""")


def upgrade() -> None:
    """All of them."""
    accounts()
    screens_and_persons()
    audit()


def downgrade() -> None:
    """Accounts, sessions, tokens, details and the log are gone."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_log_only_grows()")
