"""Running for years: lives of the database, processes, troubles, backups, releases; single sign-on, second factors; the audit's chain

Revision ID: 0006
Revises: 0005
"""
import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None
compatible_from = '0005'


def upgrade() -> None:
    op.create_table('audit_seal',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(16), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('last_id', sa.Integer(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('newest_at', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('previous', sa.String(64), nullable=False),
    sa.Column('content', sa.String(64), nullable=False),
    sa.Column('hash', sa.String(64), nullable=False),
    sa.Column('marks', sa.String(), nullable=False),
    sa.Column('checked_at', sa.BigInteger(), nullable=True),
    sa.Column('erased_at', sa.BigInteger(), nullable=True),
    sa.Column('erased', sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    there = sa.text('erased_at IS NULL')
    op.create_index('ix_audit_seal_due', 'audit_seal', ['newest_at', 'id'], sqlite_where=there, postgresql_where=there)
    op.add_column('audit', sa.Column('seal', sa.Integer(), nullable=True))
    op.create_index('ix_audit_seal', 'audit', ['seal', 'id'])
    op.create_table('backup_run',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('name', sa.String(120), nullable=False),
    sa.Column('began_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('known_until', sa.BigInteger(), nullable=True),
    sa.Column('size', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('state', sa.String(12), nullable=False),
    sa.Column('checked_at', sa.BigInteger(), nullable=True),
    sa.Column('gone_at', sa.BigInteger(), nullable=True),
    sa.Column('say', sa.String(400), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    for name, table, column in (
        ('ix_submission_deleted', 'submission', 'deleted_at'),
        ('ix_post_sent', 'post', 'sent_at'),
        ('ix_post_sending', 'post', 'sending_since'),
        ('ix_ticket_booking', 'ticket', 'booking_id'),
    ):
        there = sa.text(f'{column} IS NOT NULL')
        op.create_index(name, table, [column], sqlite_where=there, postgresql_where=there)
    op.create_index('ix_backup_run', 'backup_run', ['began_at'], unique=False)
    op.create_table('house_life',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('secret', sa.String(32), nullable=False),
    sa.Column('why', sa.String(12), nullable=False),
    sa.Column('began_at', sa.BigInteger(), nullable=False),
    sa.Column('known_until', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('number')
    )
    op.create_table('server_process',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('host', sa.String(80), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(40), nullable=False),
    sa.Column('address', sa.String(80), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=False),
    sa.Column('told', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('lease',
    sa.Column('work', sa.String(40), nullable=False),
    sa.Column('process', sa.String(32), nullable=False),
    sa.Column('until_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('work')
    )
    op.create_table('schema_step',
    sa.Column('revision', sa.String(32), nullable=False),
    sa.Column('compatible_from', sa.String(32), nullable=False),
    sa.Column('applied_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('revision')
    )
    op.create_table('sign_on',
    sa.Column('state_hash', sa.String(64), nullable=False),
    sa.Column('nonce', sa.String(64), nullable=False),
    sa.Column('verifier', sa.String(128), nullable=False),
    sa.Column('browser_hash', sa.String(64), nullable=False),
    sa.Column('onward', sa.String(400), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('state_hash')
    )
    op.create_index('ix_sign_on_at', 'sign_on', ['at'], unique=False)
    op.create_table('sign_on_role',
    sa.Column('value', sa.String(120), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(14), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('value', 'centre_id', 'role')
    )
    op.create_table('trouble',
    sa.Column('subject', sa.String(60), nullable=False),
    sa.Column('process', sa.String(32), nullable=False),
    sa.Column('grave', sa.Boolean(), nullable=False),
    sa.Column('say', sa.String(400), nullable=False),
    sa.Column('act', sa.String(400), nullable=False),
    sa.Column('since_at', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('subject', 'process')
    )
    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(64), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_recovery_code_staff_id', 'recovery_code', ['staff_id'], unique=False)
    op.create_table('release',
    sa.Column('version', sa.String(40), nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('notes', sa.String(2000), nullable=False),
    sa.Column('added_at', sa.BigInteger(), nullable=False),
    sa.Column('added_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['added_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('version')
    )
    op.create_table('second_factor',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('secret', sa.String(2000), nullable=False),
    sa.Column('next_secret', sa.String(2000), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('confirmed_at', sa.BigInteger(), nullable=True),
    sa.Column('last_step', sa.BigInteger(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('staff_id')
    )
    op.create_table('rollout',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(40), nullable=False),
    sa.Column('stage', sa.String(8), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('begun_at', sa.BigInteger(), nullable=False),
    sa.Column('begun_by', sa.Integer(), nullable=True),
    sa.Column('staged_at', sa.BigInteger(), nullable=False),
    sa.Column('paused_at', sa.BigInteger(), nullable=True),
    sa.Column('any_time', sa.Boolean(), nullable=False),
    sa.Column('why', sa.String(200), nullable=False),
    sa.ForeignKeyConstraint(['begun_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['version'], ['release.version'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ux_rollout_open', 'rollout', ['open'], unique=True, sqlite_where=sa.text('open'), postgresql_where=sa.text('open'))
    op.add_column('browser_session', sa.Column('means', sa.String(10), nullable=False, server_default='password'))
    op.add_column('browser_session', sa.Column('browser', sa.String(60), nullable=False, server_default=''))
    op.add_column('browser_session', sa.Column('sso_session', sa.String(120), nullable=True))
    op.add_column('browser_session', sa.Column('proved_at', sa.BigInteger(), nullable=True))
    op.add_column('device', sa.Column('ring', sa.String(8), nullable=False, server_default='all'))
    op.add_column('device', sa.Column('machine', sa.String(64), nullable=False, server_default=''))
    op.add_column('device', sa.Column('other_machine', sa.String(64), nullable=False, server_default=''))
    op.add_column('device', sa.Column('other_at', sa.BigInteger(), nullable=True))
    op.add_column('device', sa.Column('updating', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('staff', sa.Column('tenant', sa.String(80), nullable=True))
    op.add_column('staff', sa.Column('object_id', sa.String(80), nullable=True))
    op.add_column('staff', sa.Column('one_time_until', sa.BigInteger(), nullable=True))
    op.add_column('staff', sa.Column('emergency', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index('ux_staff_object', 'staff', ['tenant', 'object_id'], unique=True, sqlite_where=sa.text('object_id IS NOT NULL'), postgresql_where=sa.text('object_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_ticket_booking', 'ticket')
    op.drop_index('ix_post_sending', 'post')
    op.drop_index('ix_post_sent', 'post')
    op.drop_index('ix_submission_deleted', 'submission')
    op.drop_index('ux_staff_object', table_name='staff', sqlite_where=sa.text('object_id IS NOT NULL'), postgresql_where=sa.text('object_id IS NOT NULL'))
    op.drop_column('staff', 'emergency')
    op.drop_column('staff', 'one_time_until')
    op.drop_column('staff', 'object_id')
    op.drop_column('staff', 'tenant')
    op.drop_column('device', 'updating')
    op.drop_column('device', 'other_at')
    op.drop_column('device', 'other_machine')
    op.drop_column('device', 'machine')
    op.drop_column('device', 'ring')
    op.drop_column('browser_session', 'proved_at')
    op.drop_column('browser_session', 'sso_session')
    op.drop_column('browser_session', 'browser')
    op.drop_column('browser_session', 'means')
    op.drop_index('ux_rollout_open', table_name='rollout', sqlite_where=sa.text('open'), postgresql_where=sa.text('open'))
    op.drop_table('rollout')
    op.drop_table('second_factor')
    op.drop_table('release')
    op.drop_index('ix_recovery_code_staff_id', table_name='recovery_code')
    op.drop_table('recovery_code')
    op.drop_table('trouble')
    op.drop_index('ix_sign_on_at', table_name='sign_on')
    op.drop_table('sign_on_role')
    op.drop_table('sign_on')
    op.drop_table('schema_step')
    op.drop_table('lease')
    op.drop_table('server_process')
    op.drop_table('house_life')
    op.drop_index('ix_backup_run', table_name='backup_run')
    op.drop_table('backup_run')
    op.drop_index('ix_audit_seal', table_name='audit')
    op.drop_column('audit', 'seal')
    op.drop_index('ix_audit_seal_due', table_name='audit_seal')
    op.drop_table('audit_seal')
