"""Appointments: what can be booked and what is, messages and calls to the outside, calendars, keys

Revision ID: 0003
Revises: 0002
"""
import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("service", sa.Column("booking", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    op.add_column("ticket", sa.Column("booking_id", sa.String(32), nullable=True))
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps to no length
        op.alter_column("attention", "kind", type_=sa.String(20), existing_type=sa.String(12), existing_nullable=False)
    op.create_table('booking_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(12), nullable=False),
    sa.Column('address', sa.String(60), nullable=False),
    sa.Column('subject', sa.String(64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_booking_try_address', 'booking_try', ['what', 'address', 'at'], unique=False)
    op.create_index('ix_booking_try_subject', 'booking_try', ['what', 'subject', 'at'], unique=False)
    op.create_table('draft',
    sa.Column('id', sa.String(64), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('booking_id', sa.String(32), nullable=True),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('address', sa.String(60), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_draft_expires_at', 'draft', ['expires_at'], unique=False)
    op.create_table('api_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(80), nullable=False),
    sa.Column('token_hash', sa.String(64), nullable=False),
    sa.Column('rights', sa.JSON(), nullable=False),
    sa.Column('services', sa.JSON(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_index('ix_api_key_centre_id', 'api_key', ['centre_id'], unique=False)
    op.create_table('heard_text',
    sa.Column('id', sa.String(80), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('phone', sa.String(20), nullable=False),
    sa.Column('words', sa.String(500), nullable=False),
    sa.Column('booking_id', sa.String(32), nullable=True),
    sa.Column('centre_id', sa.Integer(), nullable=True),
    sa.Column('did', sa.String(30), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_heard_text_at', 'heard_text', ['at'], unique=False)
    op.create_table('hook',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(80), nullable=False),
    sa.Column('url', sa.String(500), nullable=False),
    sa.Column('secret', sa.String(120), nullable=False),
    sa.Column('events', sa.JSON(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('paused_at', sa.BigInteger(), nullable=True),
    sa.Column('paused_why', sa.String(300), nullable=False),
    sa.Column('old_secret', sa.String(120), nullable=False),
    sa.Column('old_until', sa.BigInteger(), nullable=True),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_hook_centre_id', 'hook', ['centre_id'], unique=False)
    op.create_table('post',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('subject', sa.String(120), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.String(12), nullable=False),
    sa.Column('way', sa.String(6), nullable=False),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('address', sa.String(254), nullable=False),
    sa.Column('booking_id', sa.String(32), nullable=True),
    sa.Column('visit_id', sa.String(32), nullable=True),
    sa.Column('wish_id', sa.String(32), nullable=True),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(10), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('sending_since', sa.BigInteger(), nullable=True),
    sa.Column('provider_id', sa.String(80), nullable=False),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('receipt', sa.String(30), nullable=False),
    sa.Column('receipt_at', sa.BigInteger(), nullable=True),
    sa.Column('why', sa.String(300), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_post_booking', 'post', ['booking_id'], unique=False)
    op.create_index('ix_post_centre', 'post', ['centre_id', 'made_at'], unique=False)
    op.create_index('ix_post_due', 'post', ['due_at'], unique=False, sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_post_provider', 'post', ['provider_id'], unique=False)
    op.create_index('ux_post_subject', 'post', ['subject'], unique=True)
    op.create_table('bookable',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(12), nullable=False),
    sa.Column('name', sa.String(80), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('counter_id', sa.Integer(), nullable=True),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('services', sa.JSON(), nullable=False),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['counter_id'], ['counter.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_bookable_centre', 'bookable', ['centre_id'], unique=False)
    op.create_table('hook_call',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('subject', sa.String(120), nullable=False),
    sa.Column('hook_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(12), nullable=False),
    sa.Column('booking_id', sa.String(32), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.BigInteger(), nullable=True),
    sa.Column('dead_at', sa.BigInteger(), nullable=True),
    sa.Column('why', sa.String(300), nullable=False),
    sa.ForeignKeyConstraint(['hook_id'], ['hook.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_hook_call_due', 'hook_call', ['due_at'], unique=False, sqlite_where=sa.text('done_at IS NULL AND dead_at IS NULL'), postgresql_where=sa.text('done_at IS NULL AND dead_at IS NULL'))
    op.create_index('ix_hook_call_hook', 'hook_call', ['hook_id', 'made_at'], unique=False)
    op.create_index('ix_hook_call_booking', 'hook_call', ['booking_id'], unique=False)
    op.create_index('ux_hook_call_subject', 'hook_call', ['subject'], unique=True)
    op.create_table('block',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('bookable_id', sa.Integer(), nullable=True),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('starts_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(200), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['bookable_id'], ['bookable.id'], ),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_block_centre', 'block', ['centre_id', 'ends_at'], unique=False)
    op.create_table('booking',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(8), nullable=False),
    sa.Column('state', sa.String(10), nullable=False),
    sa.Column('starts_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.Column('held_from', sa.BigInteger(), nullable=False),
    sa.Column('held_until', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('room_id', sa.Integer(), nullable=True),
    sa.Column('interpreter_id', sa.Integer(), nullable=True),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('over', sa.Boolean(), nullable=False),
    sa.Column('interpreter', sa.String(13), nullable=True),
    sa.Column('name', sa.String(200), nullable=False),
    sa.Column('phone', sa.String(20), nullable=False),
    sa.Column('email', sa.String(254), nullable=False),
    sa.Column('safe_to_text', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('needs', sa.JSON(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(500), nullable=False),
    sa.Column('channel', sa.String(10), nullable=False),
    sa.Column('booked_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('booked_at', sa.BigInteger(), nullable=True),
    sa.Column('changed_at', sa.BigInteger(), nullable=True),
    sa.Column('cancelled_at', sa.BigInteger(), nullable=True),
    sa.Column('cancelled_by', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(200), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('late_minutes', sa.Integer(), nullable=False),
    sa.Column('missed_at', sa.BigInteger(), nullable=True),
    sa.Column('arrived_at', sa.BigInteger(), nullable=True),
    sa.Column('ticket_id', sa.String(32), nullable=True),
    sa.Column('arrival_hash', sa.String(32), nullable=False),
    sa.Column('erased_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['booked_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['cancelled_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['interpreter_id'], ['bookable.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['bookable.id'], ),
    sa.ForeignKeyConstraint(['room_id'], ['bookable.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_booking_email', 'booking', ['email'], unique=False, sqlite_where=sa.text('erased_at IS NULL'), postgresql_where=sa.text('erased_at IS NULL'))
    op.create_index('ix_booking_erase', 'booking', ['centre_id', 'ends_at'], unique=False, sqlite_where=sa.text('erased_at IS NULL'), postgresql_where=sa.text('erased_at IS NULL'))
    op.create_index('ix_booking_held', 'booking', ['expires_at'], unique=False, sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'"))
    op.create_index('ix_booking_phone', 'booking', ['phone'], unique=False, sqlite_where=sa.text('erased_at IS NULL'), postgresql_where=sa.text('erased_at IS NULL'))
    op.create_index('ix_booking_ticket', 'booking', ['ticket_id'], unique=False)
    op.create_index('ix_booking_time', 'booking', ['centre_id', 'held_until'], unique=False, sqlite_where=sa.text("state <> 'cancelled'"), postgresql_where=sa.text("state <> 'cancelled'"))
    op.create_index('ux_booking_interpreter', 'booking', ['interpreter_id', 'starts_at'], unique=True, sqlite_where=sa.text("state <> 'cancelled'"), postgresql_where=sa.text("state <> 'cancelled'"))
    op.create_index('ux_booking_person', 'booking', ['person_id', 'starts_at'], unique=True, sqlite_where=sa.text("state <> 'cancelled'"), postgresql_where=sa.text("state <> 'cancelled'"))
    op.create_index('ux_booking_place', 'booking', ['service_id', 'starts_at', 'place'], unique=True, sqlite_where=sa.text("state <> 'cancelled'"), postgresql_where=sa.text("state <> 'cancelled'"))
    op.create_index('ux_booking_reference', 'booking', ['reference'], unique=True)
    op.create_index('ux_booking_room', 'booking', ['room_id', 'starts_at'], unique=True, sqlite_where=sa.text("state <> 'cancelled'"), postgresql_where=sa.text("state <> 'cancelled'"))
    op.create_table('calendar_feed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('bookable_id', sa.Integer(), nullable=False),
    sa.Column('secret_hash', sa.String(64), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sa.BigInteger(), nullable=True),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['bookable_id'], ['bookable.id'], ),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('secret_hash')
    )
    op.create_index('ix_calendar_feed_centre_id', 'calendar_feed', ['centre_id'], unique=False)
    op.create_table('rota',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bookable_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('starts', sa.String(5), nullable=False),
    sa.Column('ends', sa.String(5), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['bookable_id'], ['bookable.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_rota_bookable', 'rota', ['bookable_id'], unique=False)
    op.create_table('wish',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('mornings_only', sa.Boolean(), nullable=False),
    sa.Column('interpreter', sa.String(13), nullable=True),
    sa.Column('phone', sa.String(20), nullable=False),
    sa.Column('email', sa.String(254), nullable=False),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.BigInteger(), nullable=True),
    sa.Column('told_of', sa.BigInteger(), nullable=True),
    sa.Column('kept_until', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_wish_open', 'wish', ['centre_id', 'service_id'], unique=False)
    op.create_table('text_wish',
    sa.Column('visit_id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('phone', sa.String(20), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], ),
    sa.PrimaryKeyConstraint('visit_id')
    )
    op.create_index('ix_text_wish_centre_id', 'text_wish', ['centre_id'], unique=False)
    op.create_table('house_key',
    sa.Column('name', sa.String(20), nullable=False),
    sa.Column('secret', sa.String(64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
