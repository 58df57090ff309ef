"""The floor: counts beside tickets, skills, announcements, planned changes, print jobs

Revision ID: 0002
Revises: 0001
"""
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

NO = sa.false()
YES = sa.true()
EMPTY = sa.text("'{}'")
NONE = sa.text("'[]'")
SPECIAL = sa.text("state = 'waiting' AND (quick OR wants IS NOT NULL)")
APART = sa.text("apart IS NOT NULL")
SHOWN = sa.text("shown_hash IS NOT NULL")
MERGED = sa.text("merged_into IS NOT NULL")
SUBJECT = sa.text("subject IS NOT NULL AND done_at IS NULL")

ADDED: dict[str, list[sa.Column[Any]]] = {
    "attention": [
        sa.Column("subject", sa.String(80), nullable=True),
        sa.Column("ticket_id", sa.String(32), nullable=True),
    ],
    "centre": [
        sa.Column("desk_letter", sa.String(1), nullable=False, server_default=""),
        sa.Column("emergency_letter", sa.String(1), nullable=False, server_default=""),
        sa.Column("evacuated_at", sa.BigInteger(), nullable=True),
    ],
    "counter": [sa.Column("sends_to", sa.String(60), nullable=False, server_default="")],
    "device": [
        sa.Column("locked_say", sa.String(200), nullable=False, server_default=""),
        sa.Column("layout", sa.JSON(), nullable=False, server_default=EMPTY),
        sa.Column("test_job", sa.String(32), nullable=True),
        sa.Column("tested", sa.JSON(), nullable=False, server_default=NONE),
        sa.Column("tested_at", sa.BigInteger(), nullable=True),
    ],
    "message": [sa.Column("standing", sa.Boolean(), nullable=False, server_default=YES)],
    "seat": [
        sa.Column("skills", sa.JSON(), nullable=False, server_default=NONE),
        sa.Column("after_quick", sa.Boolean(), nullable=False, server_default=NO),
    ],
    "ticket": [
        sa.Column("quick", sa.Boolean(), nullable=False, server_default=NO),
        sa.Column("wants", sa.String(13), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False, server_default=YES),
    ],
    "visit": [
        sa.Column("people", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("apart", sa.String(40), nullable=True),
        sa.Column("shown_hash", sa.String(64), nullable=True),
        sa.Column("merged_into", sa.String(32), nullable=True),
    ],
}
INDEXES = [
    ("ix_attention_done", "attention", ["centre_id", "done_at"], False, None),
    ("ux_attention_subject", "attention", ["centre_id", "subject"], True, SUBJECT),
    ("ix_command_at", "command", ["at"], False, None),
    ("ix_ticket_special", "ticket", ["centre_id"], False, SPECIAL),
    ("ix_visit_apart", "visit", ["centre_id", "apart"], False, APART),
    ("ux_visit_shown", "visit", ["shown_hash"], True, SHOWN),
    ("ix_visit_merged", "visit", ["merged_into"], False, MERGED),
    ("ix_visit_merged_follow", "visit", ["follow_hash"], False, MERGED),
]


def upgrade() -> None:
    op.create_table('announcement',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('prepared', sa.String(40), nullable=True),
    sa.Column('text', sa.JSON(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('until_at', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_announcement_open', 'announcement', ['centre_id'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(80), nullable=False),
    sa.Column('title', sa.String(160), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('effective_at', sa.BigInteger(), nullable=False),
    sa.Column('done_at', sa.BigInteger(), nullable=True),
    sa.Column('cancelled_at', sa.BigInteger(), nullable=True),
    sa.Column('failed', sa.String(500), nullable=False),
    sa.Column('undoes', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['undoes'], ['change.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_change_centre', 'change', ['centre_id', 'id'], unique=False)
    op.create_index('ix_change_due', 'change', ['effective_at'], unique=False, sqlite_where=sa.text('done_at IS NULL AND cancelled_at IS NULL'), postgresql_where=sa.text('done_at IS NULL AND cancelled_at IS NULL'))

    op.create_table('past_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(120), nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('kind', sa.String(12), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_past_import_centre_id', 'past_import', ['centre_id'], unique=False)

    op.create_table('staff_skill',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(14), nullable=False),
    sa.Column('value', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('staff_id', 'centre_id', 'kind', 'value')
    )
    op.create_table('past_count',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('activity', sa.String(20), nullable=False),
    sa.Column('visitors', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['import_id'], ['past_import.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_past_count', 'past_count', ['centre_id', 'first_on', 'last_on'], unique=False)
    op.create_index('ix_past_count_import_id', 'past_count', ['import_id'], unique=False)

    op.create_table('device_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('what', sa.String(20), nullable=False),
    sa.Column('say', sa.String(500), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_device_event', 'device_event', ['device_id', 'at'], unique=False)

    op.create_table('door_count',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('import_id', sa.Integer(), nullable=True),
    sa.Column('door', sa.String(60), nullable=False),
    sa.Column('counted_on', sa.Date(), nullable=False),
    sa.Column('from_at', sa.BigInteger(), nullable=False),
    sa.Column('until_at', sa.BigInteger(), nullable=False),
    sa.Column('went_in', sa.Integer(), nullable=False),
    sa.Column('went_out', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['import_id'], ['past_import.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('centre_id', 'door', 'from_at', 'until_at', name='ux_door_count')
    )
    op.create_index('ix_door_count_day', 'door_count', ['centre_id', 'counted_on'], unique=False)

    op.create_table('tally',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.String(32), nullable=True),
    sa.Column('activity', sa.String(20), nullable=False),
    sa.Column('source', sa.String(12), nullable=False),
    sa.Column('counted_on', sa.Date(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('entered_at', sa.BigInteger(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('solved', sa.Boolean(), nullable=True),
    sa.Column('avoidable', sa.String(20), nullable=True),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(200), nullable=False),
    sa.Column('corrects', sa.String(32), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], ),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_tally_day', 'tally', ['centre_id', 'counted_on', 'activity'], unique=False)

    op.create_table('print_job',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.String(32), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('done_at', sa.BigInteger(), nullable=True),
    sa.Column('paper', sa.String(12), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_print_job_done', 'print_job', ['centre_id', 'done_at'], unique=False)
    op.create_index('ix_print_job_ticket', 'print_job', ['ticket_id'], unique=False)
    op.create_index('ix_print_job_open', 'print_job', ['centre_id'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)
    # In plain SQL, because SQLite can add a column that points elsewhere but Alembic does not know it.
    op.execute("ALTER TABLE attention ADD COLUMN staff_id INTEGER REFERENCES staff (id)")
    op.execute("ALTER TABLE ticket ADD COLUMN added_by INTEGER REFERENCES staff (id)")
    for name, table, over, unique, where in INDEXES:
        op.create_index(name, table, over, unique=unique, sqlite_where=where, postgresql_where=where)
    _give_letters()


def _give_letters() -> None:
    """Every centre gets a letter for its greeters and one for the emergency pack, none that a device has."""
    database = op.get_bind()
    for (centre,) in database.execute(sa.text("SELECT id FROM centre")).all():
        taken = {
            letter
            for (letter,) in database.execute(
                sa.text(
                    "SELECT letter FROM device WHERE centre_id = :centre AND revoked_at IS NULL AND letter IS NOT NULL"
                ),
                {"centre": centre},
            )
        }
        desk, emergency, *_ = [letter for letter in "GEABCDFHJKLMNPRTUVWXY" if letter not in taken] + ["", ""]
        database.execute(
            sa.text("UPDATE centre SET desk_letter = :desk, emergency_letter = :emergency WHERE id = :centre"),
            {"desk": desk, "emergency": emergency, "centre": centre},
        )
