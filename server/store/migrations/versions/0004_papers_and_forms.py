"""Papers and forms: what visitors hand in by themselves, forms and their versions, the list of addresses

Revision ID: 0004
Revises: 0003
"""
import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('address_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(120), nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('address',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('uprn', sa.String(12), nullable=False),
    sa.Column('postcode', sa.String(8), nullable=False),
    sa.Column('line', sa.String(200), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['address_list.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('list_id', 'uprn')
    )
    op.create_index('ix_address_postcode', 'address', ['list_id', 'postcode', 'position'], unique=False)
    op.create_table('piece',
    sa.Column('document_id', sa.String(32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('document_id', 'number')
    )
    op.create_index('ix_piece_at', 'piece', ['at'], unique=False)
    op.create_table('carried',
    sa.Column('id', sa.String(64), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(10), nullable=False),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.Column('became', sa.String(32), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_carried_expires', 'carried', ['expires_at'], unique=False)
    op.create_table('form',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('service', sa.String(40), nullable=False),
    sa.Column('team', sa.String(40), nullable=False),
    sa.Column('keep_days', sa.Integer(), nullable=False),
    sa.Column('icon', sa.String(30), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('at_kiosks', sa.Boolean(), nullable=False),
    sa.Column('on_web', sa.Boolean(), nullable=False),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('centre_id', 'slug')
    )
    op.create_index(op.f('ix_form_centre_id'), 'form', ['centre_id'], unique=False)
    op.create_table('sighting',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('paper', sa.String(12), nullable=False),
    sa.Column('detail', sa.String(20), nullable=False),
    sa.Column('case', sa.String(40), nullable=False),
    sa.Column('submission_id', sa.String(32), nullable=True),
    sa.Column('visit_id', sa.String(32), nullable=True),
    sa.Column('ticket_id', sa.String(32), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_why', sa.String(200), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_sighting_centre', 'sighting', ['centre_id', 'at'], unique=False)
    op.create_index('ix_sighting_visit', 'sighting', ['visit_id'], unique=False)
    op.create_table('form_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], ),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('form_id', 'number')
    )
    op.create_index(op.f('ix_form_version_form_id'), 'form_version', ['form_id'], unique=False)
    op.create_table('self_service_use',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(10), nullable=False),
    sa.Column('kind', sa.String(8), nullable=False),
    sa.Column('slug', sa.String(40), nullable=False),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('ended', sa.String(14), nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('retakes', sa.Integer(), nullable=False),
    sa.Column('used_on', sa.Date(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_use_day', 'self_service_use', ['centre_id', 'used_on', 'kind'], unique=False)
    op.create_table('submission',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(8), nullable=False),
    sa.Column('reference', sa.String(8), nullable=False),
    sa.Column('what', sa.String(40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('team', sa.String(40), nullable=False),
    sa.Column('channel', sa.String(10), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.Column('visit_id', sa.String(32), nullable=True),
    sa.Column('ticket_id', sa.String(32), nullable=True),
    sa.Column('booking_id', sa.String(32), nullable=True),
    sa.Column('language', sa.String(2), nullable=False),
    sa.Column('state', sa.String(10), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('papers', sa.JSON(), nullable=False),
    sa.Column('retakes', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('readable', sa.String(8), nullable=False),
    sa.Column('virus', sa.String(12), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=True),
    sa.Column('facts', sa.LargeBinary(), nullable=True),
    sa.Column('body_hash', sa.String(64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('handed_at', sa.BigInteger(), nullable=True),
    sa.Column('accepted_at', sa.BigInteger(), nullable=True),
    sa.Column('accepted_by', sa.String(80), nullable=False),
    sa.Column('rejected_at', sa.BigInteger(), nullable=True),
    sa.Column('rejected_by', sa.Integer(), nullable=True),
    sa.Column('reject_why', sa.String(40), nullable=False),
    sa.Column('delete_at', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.BigInteger(), nullable=True),
    sa.Column('deleted_why', sa.String(20), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], ),
    sa.ForeignKeyConstraint(['rejected_by'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_submission_booking', 'submission', ['booking_id'], unique=False)
    op.create_index('ix_submission_centre', 'submission', ['centre_id', 'received_at'], unique=False)
    op.create_index('ix_submission_delete', 'submission', ['delete_at'], unique=False, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_submission_kept', 'submission', ['centre_id', 'state'], unique=False, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_submission_ticket', 'submission', ['ticket_id'], unique=False)
    op.create_index('ix_submission_visit', 'submission', ['visit_id'], unique=False)
    op.create_index('ux_submission_reference', 'submission', ['reference'], unique=True)
    op.create_table('document',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('submission_id', sa.String(32), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(40), nullable=False),
    sa.Column('type', sa.String(40), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('searchable', sa.Boolean(), nullable=True),
    sa.Column('tried', sa.Integer(), nullable=False),
    sa.Column('reading_until', sa.BigInteger(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_document_submission', 'document', ['submission_id', 'position'], unique=False)
    op.create_index('ix_document_unread', 'document', ['tried', 'made_at'], unique=False, sqlite_where=sa.text("searchable IS NULL AND type = 'application/pdf'"), postgresql_where=sa.text("searchable IS NULL AND type = 'application/pdf'"))
    op.create_table('hand_off',
    sa.Column('id', sa.String(32), nullable=False),
    sa.Column('submission_id', sa.String(32), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('team', sa.String(40), nullable=False),
    sa.Column('way', sa.String(10), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('sending_since', sa.BigInteger(), nullable=True),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('picked_at', sa.BigInteger(), nullable=True),
    sa.Column('dead_at', sa.BigInteger(), nullable=True),
    sa.Column('why', sa.String(300), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centre.id'], ),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('submission_id', 'round', name='ux_hand_off_round')
    )
    op.create_index('ix_hand_off_centre', 'hand_off', ['centre_id', 'made_at'], unique=False)
    op.create_index('ix_hand_off_due', 'hand_off', ['due_at'], unique=False, sqlite_where=sa.text('sent_at IS NULL AND dead_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL AND dead_at IS NULL'))
    op.create_index('ix_hand_off_lying', 'hand_off', ['sent_at'], unique=False, sqlite_where=sa.text('sent_at IS NOT NULL AND picked_at IS NULL'), postgresql_where=sa.text('sent_at IS NOT NULL AND picked_at IS NULL'))
    op.create_index('ix_audit_submission', 'audit', ['about', 'at'], unique=False, sqlite_where=sa.text("about LIKE 'submission:%'"), postgresql_where=sa.text("about LIKE 'submission:%'"))
    op.add_column('post', sa.Column('submission_id', sa.String(32), nullable=True))


def downgrade() -> None:
    op.drop_column('post', 'submission_id')
    op.drop_index('ix_audit_submission', table_name='audit', sqlite_where=sa.text("about LIKE 'submission:%'"), postgresql_where=sa.text("about LIKE 'submission:%'"))
    op.drop_index('ix_hand_off_lying', table_name='hand_off', sqlite_where=sa.text('sent_at IS NOT NULL AND picked_at IS NULL'), postgresql_where=sa.text('sent_at IS NOT NULL AND picked_at IS NULL'))
    op.drop_index('ix_hand_off_due', table_name='hand_off', sqlite_where=sa.text('sent_at IS NULL AND dead_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL AND dead_at IS NULL'))
    op.drop_index('ix_hand_off_centre', table_name='hand_off')
    op.drop_table('hand_off')
    op.drop_index('ix_document_unread', table_name='document', sqlite_where=sa.text("searchable IS NULL AND type = 'application/pdf'"), postgresql_where=sa.text("searchable IS NULL AND type = 'application/pdf'"))
    op.drop_index('ix_document_submission', table_name='document')
    op.drop_table('document')
    op.drop_index('ux_submission_reference', table_name='submission')
    op.drop_index('ix_submission_visit', table_name='submission')
    op.drop_index('ix_submission_ticket', table_name='submission')
    op.drop_index('ix_submission_kept', table_name='submission', sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
    op.drop_index('ix_submission_delete', table_name='submission', sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
    op.drop_index('ix_submission_booking', table_name='submission')
    op.drop_index('ix_submission_centre', table_name='submission')
    op.drop_table('submission')
    op.drop_index('ix_use_day', table_name='self_service_use')
    op.drop_table('self_service_use')
    op.drop_index(op.f('ix_form_version_form_id'), table_name='form_version')
    op.drop_table('form_version')
    op.drop_index('ix_sighting_visit', table_name='sighting')
    op.drop_index('ix_sighting_centre', table_name='sighting')
    op.drop_table('sighting')
    op.drop_index(op.f('ix_form_centre_id'), table_name='form')
    op.drop_table('form')
    op.drop_index('ix_carried_expires', table_name='carried')
    op.drop_table('carried')
    op.drop_index('ix_piece_at', table_name='piece')
    op.drop_table('piece')
    op.drop_index('ix_address_postcode', table_name='address')
    op.drop_table('address')
    op.drop_table('address_list')
