"""The figures: sums of days, what was told of waits, what visitors said, who shall sit where, reports, how long things are kept

Revision ID: 0005
Revises: 0004
"""
import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('day_sum',
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('part', sa.String(4), nullable=False),
    sa.Column('begins_at', sa.BigInteger(), nullable=True),
    sa.Column('ends_at', sa.BigInteger(), nullable=True),
    sa.Column('sums', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('centre_id', 'day', 'part')
    )
    op.create_table('erasure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(20), nullable=False),
    sa.Column('before', sa.BigInteger(), nullable=False),
    sa.Column('erased', sa.Integer(), nullable=False),
    sa.Column('found_after', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_erasure', 'erasure', ['centre_id', 'at'], unique=False)
    op.create_table('keeping_rule',
    sa.Column('name', sa.String(20), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('set_at', sa.BigInteger(), nullable=False),
    sa.Column('set_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['set_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('known_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('name', sa.String(80), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_known_event', 'known_event', ['centre_id', 'first_on'], unique=False)
    op.create_table('month_sum',
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('sums', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('centre_id', 'month')
    )
    op.create_table('report_plan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('every', sa.String(8), nullable=False),
    sa.Column('asks', sa.JSON(), nullable=False),
    sa.Column('recipients', sa.JSON(), nullable=False),
    sa.Column('next_on', sa.Date(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('tried_at', sa.BigInteger(), nullable=True),
    sa.Column('say', sa.String(300), nullable=False),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('stopped_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(('ix_report_plan_centre_id'), 'report_plan', ['centre_id'], unique=False)
    op.create_table('shift',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('begins', sa.String(5), nullable=False),
    sa.Column('ends', sa.String(5), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.String(80), nullable=False),
    sa.Column('services', sa.JSON(), nullable=False),
    sa.Column('import_id', sa.String(32), nullable=True),
    sa.Column('entered_at', sa.BigInteger(), nullable=False),
    sa.Column('entered_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['entered_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_shift_day', 'shift', ['centre_id', 'held_on'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('plan_id', sa.Integer(), nullable=True),
    sa.Column('asks', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(10), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('say', sa.String(300), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('taken_at', sa.BigInteger(), nullable=True),
    sa.Column('done_at', sa.BigInteger(), nullable=True),
    sa.Column('file_name', sa.String(120), nullable=False),
    sa.Column('media_type', sa.String(100), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['plan_id'], ['report_plan.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_report_centre', 'report', ['centre_id', 'asked_at'], unique=False)
    op.create_table('feedback',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('way', sa.String(10), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(10), nullable=True),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('sealed', sa.String(8000), nullable=True),
    sa.Column('seen_at', sa.BigInteger(), nullable=True),
    sa.Column('seen_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['seen_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_feedback_day', 'feedback', ['centre_id', 'given_on'], unique=False)
    op.create_table('given_estimate',
    sa.Column('ticket_id', sa.String(32), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('low_seconds', sa.Integer(), nullable=False),
    sa.Column('high_seconds', sa.Integer(), nullable=False),
    sa.Column('middle_seconds', sa.Integer(), nullable=False),
    sa.Column('told', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.PrimaryKeyConstraint('ticket_id', 'step')
    )
    op.create_index('ix_given_estimate_day', 'given_estimate', ['centre_id', 'given_on'], unique=False)
    op.create_table('said',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(12), nullable=False),
    sa.Column('reference', sa.String(12), nullable=False),
    sa.Column('state', sa.String(12), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('way', sa.String(10), nullable=False),
    sa.Column('submission_id', sa.String(32), nullable=True),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('sealed', sa.String(12000), nullable=True),
    sa.Column('entered_by', sa.Integer(), nullable=True),
    sa.Column('acknowledge_due_on', sa.Date(), nullable=True),
    sa.Column('answer_due_on', sa.Date(), nullable=True),
    sa.Column('acknowledged_at', sa.BigInteger(), nullable=True),
    sa.Column('acknowledged_by', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('ended_by', sa.Integer(), nullable=True),
    sa.Column('passed_to', sa.String(80), nullable=False),
    sa.ForeignKeyConstraint(['acknowledged_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['ended_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['entered_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('reference')
    )
    op.create_index('ix_said_centre', 'said', ['centre_id', 'received_on'], unique=False)
    op.create_index('ix_said_open', 'said', ['centre_id', 'answer_due_on'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.add_column('seat', sa.Column('left_open', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('service', sa.Column('continues', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('ticket', sa.Column('again', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('ticket', sa.Column('left_open', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('visit', sa.Column('rated', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index('ix_seat_since', 'seat', ['centre_id', 'since_at'], unique=False)
    op.create_index('ix_booking_cancelled', 'booking', ['centre_id', 'starts_at'], unique=False, sqlite_where=sa.text("state = 'cancelled'"), postgresql_where=sa.text("state = 'cancelled'"))


def downgrade() -> None:
    op.drop_index('ix_booking_cancelled', table_name='booking', sqlite_where=sa.text("state = 'cancelled'"), postgresql_where=sa.text("state = 'cancelled'"))
    op.drop_index('ix_seat_since', table_name='seat')
    op.drop_column('visit', 'rated')
    op.drop_column('ticket', 'left_open')
    op.drop_column('ticket', 'again')
    op.drop_column('service', 'continues')
    op.drop_column('seat', 'left_open')
    op.drop_index('ix_said_open', table_name='said', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_said_centre', table_name='said')
    op.drop_table('said')
    op.drop_index('ix_given_estimate_day', table_name='given_estimate')
    op.drop_table('given_estimate')
    op.drop_index('ix_feedback_day', table_name='feedback')
    op.drop_table('feedback')
    op.drop_index('ix_report_centre', table_name='report')
    op.drop_table('report')
    op.drop_index('ix_shift_day', table_name='shift')
    op.drop_table('shift')
    op.drop_index(('ix_report_plan_centre_id'), table_name='report_plan')
    op.drop_table('report_plan')
    op.drop_table('month_sum')
    op.drop_index('ix_known_event', table_name='known_event')
    op.drop_table('known_event')
    op.drop_table('keeping_rule')
    op.drop_index('ix_erasure', table_name='erasure')
    op.drop_table('erasure')
    op.drop_table('day_sum')
