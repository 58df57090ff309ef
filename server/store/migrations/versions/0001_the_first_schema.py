"""The first schema

Revision ID: 0001
Revises: 
"""
import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('centre',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('name', sa.String(120), nullable=False),
    sa.Column('timezone', sa.String(60), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('wait_here', sa.JSON(), nullable=False),
    sa.Column('address', sa.String(300), nullable=False),
    sa.Column('idle_seconds', sa.Integer(), nullable=False),
    sa.Column('max_calls', sa.Integer(), nullable=False),
    sa.Column('no_show_minutes', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('extra', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('slug')
    )
    op.create_table('command',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('body_hash', sa.String(32), nullable=False),
    sa.Column('actor', sa.String(60), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('login_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(60), nullable=False),
    sa.Column('address', sa.String(60), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('login_try', schema=None) as batch_op:
        batch_op.create_index('ix_login_try_address_at', ['address', 'at'], unique=False)
        batch_op.create_index('ix_login_try_username_at', ['username', 'at'], unique=False)

    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(60), nullable=False),
    sa.Column('name', sa.String(80), nullable=False),
    sa.Column('password_hash', sa.String(200), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('disabled_at', sa.BigInteger(), nullable=True),
    sa.Column('seen_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('username')
    )
    op.create_table('audit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('what', sa.String(30), nullable=False),
    sa.Column('about', sa.String(80), nullable=False),
    sa.Column('address', sa.String(60), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_centre_at', ['centre_id', 'at'], unique=False)

    op.create_table('browser_session',
    sa.Column('id', sa.String(64), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('csrf', sa.String(44), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('address', sa.String(60), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('browser_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_browser_session_staff_id'), ['staff_id'], unique=False)

    op.create_table('choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('names', sa.JSON(), nullable=False),
    sa.Column('icon', sa.String(30), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('centre_id', 'slug')
    )
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_choice_centre_id'), ['centre_id'], unique=False)

    op.create_table('counter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('name', sa.String(60), nullable=False),
    sa.Column('kind', sa.String(12), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('centre_id', 'slug')
    )
    with op.batch_alter_table('counter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_counter_centre_id'), ['centre_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('text', sa.JSON(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('centre_id', 'slug')
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_centre_id'), ['centre_id'], unique=False)

    op.create_table('staff_role',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(14), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('staff_id', 'centre_id', 'role')
    )
    op.create_table('device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(14), nullable=False),
    sa.Column('name', sa.String(60), nullable=False),
    sa.Column('counter_id', sa.Integer(), nullable=True),
    sa.Column('letter', sa.String(1), nullable=True),
    sa.Column('token_hash', sa.String(64), nullable=False),
    sa.Column('approved_by', sa.Integer(), nullable=True),
    sa.Column('approved_at', sa.BigInteger(), nullable=False),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True),
    sa.Column('seen_at', sa.BigInteger(), nullable=True),
    sa.Column('health', sa.JSON(), nullable=False),
    sa.Column('health_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['approved_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['counter_id'], ['counter.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_centre_id'), ['centre_id'], unique=False)
        batch_op.create_index('ux_device_letter', ['centre_id', 'letter'], unique=True, sqlite_where=sa.text('letter IS NOT NULL AND revoked_at IS NULL'), postgresql_where=sa.text('letter IS NOT NULL AND revoked_at IS NULL'))

    op.create_table('seat',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('counter_id', sa.Integer(), nullable=False),
    sa.Column('services', sa.JSON(), nullable=False),
    sa.Column('since_at', sa.BigInteger(), nullable=False),
    sa.Column('until_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['counter_id'], ['counter.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.create_index('ix_seat_centre', ['centre_id'], unique=False, sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))
        batch_op.create_index('ux_seat_counter', ['counter_id'], unique=True, sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))
        batch_op.create_index('ux_seat_staff', ['staff_id'], unique=True, sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))

    op.create_table('service',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('choice_id', sa.Integer(), nullable=True),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('names', sa.JSON(), nullable=False),
    sa.Column('help', sa.JSON(), nullable=False),
    sa.Column('synonyms', sa.JSON(), nullable=False),
    sa.Column('icon', sa.String(30), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('ticket_class', sa.String(10), nullable=False),
    sa.Column('activity', sa.String(20), nullable=False),
    sa.Column('target_minutes', sa.Integer(), nullable=False),
    sa.Column('usual_minutes', sa.Integer(), nullable=False),
    sa.Column('lgsl', sa.Integer(), nullable=True),
    sa.Column('walk_in', sa.Boolean(), nullable=False),
    sa.Column('by_appointment', sa.Boolean(), nullable=False),
    sa.Column('discreet', sa.Boolean(), nullable=False),
    sa.Column('private', sa.Boolean(), nullable=False),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['choice_id'], ['choice.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('centre_id', 'slug')
    )
    with op.batch_alter_table('service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_centre_id'), ['centre_id'], unique=False)

    op.create_table('attention',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(12), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=True),
    sa.Column('taken_at', sa.BigInteger(), nullable=True),
    sa.Column('done_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['taken_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('attention', schema=None) as batch_op:
        batch_op.create_index('ix_attention_open', ['centre_id'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('closure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_closure_centre_id'), ['centre_id'], unique=False)

    op.create_table('enrolment',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('kind', sa.String(14), nullable=False),
    sa.Column('name', sa.String(60), nullable=False),
    sa.Column('code', sa.String(8), nullable=False),
    sa.Column('secret_hash', sa.String(64), nullable=False),
    sa.Column('address', sa.String(60), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('claimed_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enrolment_code'), ['code'], unique=False)

    op.create_table('opening',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('opens', sa.String(5), nullable=False),
    sa.Column('closes', sa.String(5), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('opening', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_opening_centre_id'), ['centre_id'], unique=False)

    op.create_table('pause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('seat_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(12), nullable=False),
    sa.Column('since_at', sa.BigInteger(), nullable=False),
    sa.Column('until_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['seat_id'], ['seat.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('pause', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pause_seat_id'), ['seat_id'], unique=False)
        batch_op.create_index('ux_pause_seat', ['seat_id'], unique=True, sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))

    op.create_table('special_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('opens', sa.String(5), nullable=False),
    sa.Column('closes', sa.String(5), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('special_hours', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_special_hours_centre_id'), ['centre_id'], unique=False)

    op.create_table('visit',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('arrived_on', sa.Date(), nullable=False),
    sa.Column('code', sa.String(8), nullable=False),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('needs', sa.JSON(), nullable=False),
    sa.Column('discreet', sa.Boolean(), nullable=False),
    sa.Column('channel', sa.String(10), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('follow_hash', sa.String(64), nullable=False),
    sa.Column('arrived_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('centre_id', 'arrived_on', 'code', name='ux_visit_code')
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ux_visit_follow', ['follow_hash'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('ticket',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('visit_id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(12), nullable=False),
    sa.Column('ticket_class', sa.String(10), nullable=False),
    sa.Column('arrived_at', sa.BigInteger(), nullable=False),
    sa.Column('counts_from', sa.BigInteger(), nullable=False),
    sa.Column('for_counter_id', sa.Integer(), nullable=True),
    sa.Column('follows', sa.String(32), nullable=True),
    sa.Column('counter_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.Column('first_called_at', sa.BigInteger(), nullable=True),
    sa.Column('called_at', sa.BigInteger(), nullable=True),
    sa.Column('served_at', sa.BigInteger(), nullable=True),
    sa.Column('parked_at', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('outcome', sa.String(20), nullable=True),
    sa.Column('avoidable', sa.String(20), nullable=True),
    sa.Column('paper', sa.String(12), nullable=False),
    sa.Column('copies', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['counter_id'], ['counter.id'], ),
    sa.ForeignKeyConstraint(['for_counter_id'], ['counter.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_directed', ['for_counter_id'], unique=False, sqlite_where=sa.text("state = 'waiting' AND for_counter_id IS NOT NULL"), postgresql_where=sa.text("state = 'waiting' AND for_counter_id IS NOT NULL"))
        batch_op.create_index('ix_ticket_ended', ['centre_id', 'ended_at'], unique=False)
        batch_op.create_index('ix_ticket_open', ['centre_id'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_ticket_visit_id'), ['visit_id'], unique=False)
        batch_op.create_index('ix_ticket_waiting', ['centre_id', 'ticket_class', 'counts_from', 'arrived_at', 'id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index('ux_ticket_at_counter', ['counter_id'], unique=True, sqlite_where=sa.text("state IN ('called', 'serving')"), postgresql_where=sa.text("state IN ('called', 'serving')"))

    op.create_table('note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.String(32), nullable=False),
    sa.Column('ticket_id', sa.String(32), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.String(500), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_note_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_note_visit_id'), ['visit_id'], unique=False)

    op.create_table('step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.String(32), nullable=False),
    sa.Column('action', sa.String(12), nullable=False),
    sa.Column('before', sa.String(12), nullable=False),
    sa.Column('after', sa.String(12), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('counter_id', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(60), nullable=False),
    sa.Column('was', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['counter_id'], ['counter.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('step', schema=None) as batch_op:
        batch_op.create_index('ix_step_ticket', ['ticket_id', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('step', schema=None) as batch_op:
        batch_op.drop_index('ix_step_ticket')

    op.drop_table('step')
    with op.batch_alter_table('note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_note_visit_id'))
        batch_op.drop_index(batch_op.f('ix_note_ticket_id'))

    op.drop_table('note')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('ux_ticket_at_counter', sqlite_where=sa.text("state IN ('called', 'serving')"), postgresql_where=sa.text("state IN ('called', 'serving')"))
        batch_op.drop_index('ix_ticket_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index(batch_op.f('ix_ticket_visit_id'))
        batch_op.drop_index('ix_ticket_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_ticket_ended')
        batch_op.drop_index('ix_ticket_directed', sqlite_where=sa.text("state = 'waiting' AND for_counter_id IS NOT NULL"), postgresql_where=sa.text("state = 'waiting' AND for_counter_id IS NOT NULL"))

    op.drop_table('ticket')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ux_visit_follow', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('visit')
    with op.batch_alter_table('special_hours', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_special_hours_centre_id'))

    op.drop_table('special_hours')
    with op.batch_alter_table('pause', schema=None) as batch_op:
        batch_op.drop_index('ux_pause_seat', sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_pause_seat_id'))

    op.drop_table('pause')
    with op.batch_alter_table('opening', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opening_centre_id'))

    op.drop_table('opening')
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enrolment_code'))

    op.drop_table('enrolment')
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_closure_centre_id'))

    op.drop_table('closure')
    with op.batch_alter_table('attention', schema=None) as batch_op:
        batch_op.drop_index('ix_attention_open', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.drop_table('attention')
    with op.batch_alter_table('service', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_centre_id'))

    op.drop_table('service')
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.drop_index('ux_seat_staff', sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))
        batch_op.drop_index('ux_seat_counter', sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))
        batch_op.drop_index('ix_seat_centre', sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))

    op.drop_table('seat')
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.drop_index('ux_device_letter', sqlite_where=sa.text('letter IS NOT NULL AND revoked_at IS NULL'), postgresql_where=sa.text('letter IS NOT NULL AND revoked_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_device_centre_id'))

    op.drop_table('device')
    op.drop_table('staff_role')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_centre_id'))

    op.drop_table('message')
    with op.batch_alter_table('counter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_counter_centre_id'))

    op.drop_table('counter')
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_choice_centre_id'))

    op.drop_table('choice')
    with op.batch_alter_table('browser_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_browser_session_staff_id'))

    op.drop_table('browser_session')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_centre_at')

    op.drop_table('audit')
    op.drop_table('staff')
    with op.batch_alter_table('login_try', schema=None) as batch_op:
        batch_op.drop_index('ix_login_try_username_at')
        batch_op.drop_index('ix_login_try_address_at')

    op.drop_table('login_try')
    op.drop_table('command')
    op.drop_table('centre')
