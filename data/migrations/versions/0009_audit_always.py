"""The guards of the audit log fire whatever role a session says it plays."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GUARDS = ("audit_log_no_change", "audit_log_no_truncate")


def upgrade() -> None:
    """`session_replication_role = replica` no longer turns them off."""
    for guard in GUARDS:
        op.execute(f"ALTER TABLE audit_log ENABLE ALWAYS TRIGGER {guard}")


def downgrade() -> None:
    """As any other trigger."""
    for guard in GUARDS:
        op.execute(f"ALTER TABLE audit_log ENABLE TRIGGER {guard}")
