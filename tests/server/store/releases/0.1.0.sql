BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attention (
	id VARCHAR(32) NOT NULL, 
	centre_id INTEGER NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	device_id INTEGER, 
	at BIGINT NOT NULL, 
	detail JSON NOT NULL, 
	taken_by INTEGER, 
	taken_at BIGINT, 
	done_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(device_id) REFERENCES device (id), 
	FOREIGN KEY(taken_by) REFERENCES staff (id)
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	centre_id INTEGER, 
	at BIGINT NOT NULL, 
	staff_id INTEGER, 
	what VARCHAR(30) NOT NULL, 
	about VARCHAR(80) NOT NULL, 
	address VARCHAR(60) NOT NULL, 
	detail JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE browser_session (
	id VARCHAR(64) NOT NULL, 
	staff_id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	csrf VARCHAR(44) NOT NULL, 
	started_at BIGINT NOT NULL, 
	used_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	address VARCHAR(60) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE centre (
	id INTEGER NOT NULL, 
	slug VARCHAR(40) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	timezone VARCHAR(60) NOT NULL, 
	languages JSON NOT NULL, 
	wait_here JSON NOT NULL, 
	address VARCHAR(300) NOT NULL, 
	idle_seconds INTEGER NOT NULL, 
	max_calls INTEGER NOT NULL, 
	no_show_minutes INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	extra JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slug)
);
INSERT INTO "centre" VALUES(1,'york-house','York House','Europe/London','["en", "pl"]','{"en": "Take a seat."}','',40,3,3,1,'{}');
CREATE TABLE choice (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	slug VARCHAR(40) NOT NULL, 
	names JSON NOT NULL, 
	icon VARCHAR(30) NOT NULL, 
	position INTEGER NOT NULL, 
	retired_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	UNIQUE (centre_id, slug)
);
INSERT INTO "choice" VALUES(1,1,'money','{"en": "Money"}','coins',0,NULL);
CREATE TABLE closure (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	service_id INTEGER, 
	first_on DATE NOT NULL, 
	last_on DATE NOT NULL, 
	reason JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(service_id) REFERENCES service (id)
);
CREATE TABLE command (
	id VARCHAR(32) NOT NULL, 
	body_hash VARCHAR(32) NOT NULL, 
	actor VARCHAR(60) NOT NULL, 
	at BIGINT NOT NULL, 
	answer TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "command" VALUES('01a2005bef227a4ba827a51555e78413','39a480c247e752372063270fbb3f75fc','device:1',1795514400000000,'{"ticket": "01a2005bef227e5babfd38629b7164b4", "code": "K01"}');
CREATE TABLE counter (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	slug VARCHAR(40) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	position INTEGER NOT NULL, 
	retired_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	UNIQUE (centre_id, slug)
);
INSERT INTO "counter" VALUES(1,1,'desk-1','Desk 1','desk',0,NULL);
INSERT INTO "counter" VALUES(2,1,'desk-2','Desk 2','desk',1,NULL);
INSERT INTO "counter" VALUES(3,1,'room-1','Room 1','room',2,NULL);
CREATE TABLE device (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	kind VARCHAR(14) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	counter_id INTEGER, 
	letter VARCHAR(1), 
	token_hash VARCHAR(64) NOT NULL, 
	approved_by INTEGER, 
	approved_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	seen_at BIGINT, 
	health JSON NOT NULL, 
	health_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(approved_by) REFERENCES staff (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(counter_id) REFERENCES counter (id), 
	UNIQUE (token_hash)
);
INSERT INTO "device" VALUES(1,1,'kiosk','kiosk',NULL,'K','e54637528501fbc2e0eb92d17a5fbacc2b7bf76308efbbdcaf9374bbaf89919c',NULL,1795514400000000,NULL,NULL,'{}',NULL);
INSERT INTO "device" VALUES(2,1,'kiosk','spare',NULL,'M','845e970667bee3e79647a4cb62313aae5ea7ec3b3aac866ede4b331eb4d18617',NULL,1795514400000000,NULL,NULL,'{}',NULL);
INSERT INTO "device" VALUES(3,1,'display','display',NULL,NULL,'6056fb964f92182f8b01bda546d15347d853cc8fae837e194901df0fc48f5f18',NULL,1795514400000000,NULL,NULL,'{}',NULL);
CREATE TABLE enrolment (
	id VARCHAR(32) NOT NULL, 
	kind VARCHAR(14) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	code VARCHAR(8) NOT NULL, 
	secret_hash VARCHAR(64) NOT NULL, 
	address VARCHAR(60) NOT NULL, 
	asked_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	device_id INTEGER, 
	claimed_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device_id) REFERENCES device (id)
);
CREATE TABLE login_try (
	id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	address VARCHAR(60) NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE message (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	slug VARCHAR(40) NOT NULL, 
	text JSON NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	UNIQUE (centre_id, slug)
);
INSERT INTO "message" VALUES(1,1,'welcome','{"en": "Welcome."}',0);
CREATE TABLE note (
	id INTEGER NOT NULL, 
	visit_id VARCHAR(32) NOT NULL, 
	ticket_id VARCHAR(32) NOT NULL, 
	staff_id INTEGER, 
	at BIGINT NOT NULL, 
	text VARCHAR(500) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(staff_id) REFERENCES staff (id), 
	FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	FOREIGN KEY(visit_id) REFERENCES visit (id)
);
CREATE TABLE opening (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	service_id INTEGER, 
	weekday INTEGER NOT NULL, 
	opens VARCHAR(5) NOT NULL, 
	closes VARCHAR(5) NOT NULL, 
	from_on DATE, 
	until_on DATE, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(service_id) REFERENCES service (id)
);
INSERT INTO "opening" VALUES(1,1,NULL,0,'09:30','16:30',NULL,NULL);
INSERT INTO "opening" VALUES(2,1,NULL,1,'09:30','16:30',NULL,NULL);
INSERT INTO "opening" VALUES(3,1,NULL,2,'09:30','16:30',NULL,NULL);
INSERT INTO "opening" VALUES(4,1,NULL,3,'09:30','16:30',NULL,NULL);
INSERT INTO "opening" VALUES(5,1,NULL,4,'09:30','16:30',NULL,NULL);
CREATE TABLE pause (
	id INTEGER NOT NULL, 
	seat_id INTEGER NOT NULL, 
	reason VARCHAR(12) NOT NULL, 
	since_at BIGINT NOT NULL, 
	until_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(seat_id) REFERENCES seat (id)
);
CREATE TABLE seat (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	staff_id INTEGER NOT NULL, 
	counter_id INTEGER NOT NULL, 
	services JSON NOT NULL, 
	since_at BIGINT NOT NULL, 
	until_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(counter_id) REFERENCES counter (id), 
	FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE service (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	choice_id INTEGER, 
	slug VARCHAR(40) NOT NULL, 
	names JSON NOT NULL, 
	help JSON NOT NULL, 
	synonyms JSON NOT NULL, 
	icon VARCHAR(30) NOT NULL, 
	position INTEGER NOT NULL, 
	ticket_class VARCHAR(10) NOT NULL, 
	activity VARCHAR(20) NOT NULL, 
	target_minutes INTEGER NOT NULL, 
	usual_minutes INTEGER NOT NULL, 
	lgsl INTEGER, 
	walk_in BOOLEAN NOT NULL, 
	by_appointment BOOLEAN NOT NULL, 
	discreet BOOLEAN NOT NULL, 
	private BOOLEAN NOT NULL, 
	retired_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(choice_id) REFERENCES choice (id), 
	UNIQUE (centre_id, slug)
);
INSERT INTO "service" VALUES(1,1,1,'council-tax','{"en": "council-tax"}','{}','[]','',0,'ordinary','advice',20,12,NULL,1,0,0,0,NULL);
INSERT INTO "service" VALUES(2,1,1,'housing','{"en": "housing"}','{}','[]','',1,'soon','advice',20,12,NULL,1,0,0,0,NULL);
INSERT INTO "service" VALUES(3,1,1,'safety','{"en": "safety"}','{}','[]','',2,'urgent','advice',20,12,NULL,1,0,0,0,NULL);
INSERT INTO "service" VALUES(4,1,NULL,'private','{"en": "private"}','{}','[]','',3,'ordinary','advice',20,12,NULL,1,0,1,1,NULL);
CREATE TABLE special_hours (
	id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	service_id INTEGER, 
	held_on DATE NOT NULL, 
	opens VARCHAR(5) NOT NULL, 
	closes VARCHAR(5) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(service_id) REFERENCES service (id)
);
CREATE TABLE staff (
	id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	password_hash VARCHAR(200) NOT NULL, 
	must_change BOOLEAN NOT NULL, 
	disabled_at BIGINT, 
	seen_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (username)
);
INSERT INTO "staff" VALUES(1,'ann@york-house','Ann','',0,NULL,NULL);
INSERT INTO "staff" VALUES(2,'bob@york-house','Bob','',0,NULL,NULL);
INSERT INTO "staff" VALUES(3,'greta@york-house','Greta','',0,NULL,NULL);
INSERT INTO "staff" VALUES(4,'mia@york-house','Mia','',0,NULL,NULL);
INSERT INTO "staff" VALUES(5,'ada@york-house','Ada','',0,NULL,NULL);
CREATE TABLE staff_role (
	staff_id INTEGER NOT NULL, 
	centre_id INTEGER NOT NULL, 
	role VARCHAR(14) NOT NULL, 
	PRIMARY KEY (staff_id, centre_id, role), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(staff_id) REFERENCES staff (id)
);
INSERT INTO "staff_role" VALUES(1,1,'adviser');
INSERT INTO "staff_role" VALUES(2,1,'adviser');
INSERT INTO "staff_role" VALUES(3,1,'greeter');
INSERT INTO "staff_role" VALUES(4,1,'manager');
INSERT INTO "staff_role" VALUES(4,1,'adviser');
INSERT INTO "staff_role" VALUES(5,1,'administrator');
CREATE TABLE step (
	id INTEGER NOT NULL, 
	ticket_id VARCHAR(32) NOT NULL, 
	action VARCHAR(12) NOT NULL, 
	"before" VARCHAR(12) NOT NULL, 
	"after" VARCHAR(12) NOT NULL, 
	at BIGINT NOT NULL, 
	staff_id INTEGER, 
	counter_id INTEGER, 
	address VARCHAR(60) NOT NULL, 
	was JSON NOT NULL, 
	undone_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(counter_id) REFERENCES counter (id), 
	FOREIGN KEY(staff_id) REFERENCES staff (id), 
	FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE ticket (
	id VARCHAR(32) NOT NULL, 
	visit_id VARCHAR(32) NOT NULL, 
	centre_id INTEGER NOT NULL, 
	service_id INTEGER NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	ticket_class VARCHAR(10) NOT NULL, 
	arrived_at BIGINT NOT NULL, 
	counts_from BIGINT NOT NULL, 
	for_counter_id INTEGER, 
	follows VARCHAR(32), 
	counter_id INTEGER, 
	staff_id INTEGER, 
	calls INTEGER NOT NULL, 
	first_called_at BIGINT, 
	called_at BIGINT, 
	served_at BIGINT, 
	parked_at BIGINT, 
	ended_at BIGINT, 
	outcome VARCHAR(20), 
	avoidable VARCHAR(20), 
	paper VARCHAR(12) NOT NULL, 
	copies INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(counter_id) REFERENCES counter (id), 
	FOREIGN KEY(for_counter_id) REFERENCES counter (id), 
	FOREIGN KEY(service_id) REFERENCES service (id), 
	FOREIGN KEY(staff_id) REFERENCES staff (id), 
	FOREIGN KEY(visit_id) REFERENCES visit (id)
);
INSERT INTO "ticket" VALUES('01a2005bef227e5babfd38629b7164b4','01a2005bef2278028d0dfba8796efff4',1,1,'waiting','ordinary',1795514400000000,1795514400000000,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'reserved',0);
CREATE TABLE visit (
	id VARCHAR(32) NOT NULL, 
	centre_id INTEGER NOT NULL, 
	arrived_on DATE NOT NULL, 
	code VARCHAR(8) NOT NULL, 
	language VARCHAR(2) NOT NULL, 
	needs JSON NOT NULL, 
	discreet BOOLEAN NOT NULL, 
	channel VARCHAR(10) NOT NULL, 
	device_id INTEGER, 
	follow_hash VARCHAR(64) NOT NULL, 
	arrived_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(centre_id) REFERENCES centre (id), 
	FOREIGN KEY(device_id) REFERENCES device (id), 
	CONSTRAINT ux_visit_code UNIQUE (centre_id, arrived_on, code)
);
INSERT INTO "visit" VALUES('01a2005bef2278028d0dfba8796efff4',1,'2026-11-24','K01','en','[]',0,'kiosk',1,'5485cb5d03981cc3bd989290a6be33ca392c013279a5c3c3fd10a1cae57e1460',1795514400000000,NULL);
CREATE INDEX ix_login_try_address_at ON login_try (address, at);
CREATE INDEX ix_login_try_username_at ON login_try (username, at);
CREATE INDEX ix_audit_centre_at ON audit (centre_id, at);
CREATE INDEX ix_browser_session_staff_id ON browser_session (staff_id);
CREATE INDEX ix_choice_centre_id ON choice (centre_id);
CREATE INDEX ix_counter_centre_id ON counter (centre_id);
CREATE INDEX ix_message_centre_id ON message (centre_id);
CREATE INDEX ix_device_centre_id ON device (centre_id);
CREATE UNIQUE INDEX ux_device_letter ON device (centre_id, letter) WHERE letter IS NOT NULL AND revoked_at IS NULL;
CREATE INDEX ix_seat_centre ON seat (centre_id) WHERE until_at IS NULL;
CREATE UNIQUE INDEX ux_seat_counter ON seat (counter_id) WHERE until_at IS NULL;
CREATE UNIQUE INDEX ux_seat_staff ON seat (staff_id) WHERE until_at IS NULL;
CREATE INDEX ix_service_centre_id ON service (centre_id);
CREATE INDEX ix_attention_open ON attention (centre_id) WHERE done_at IS NULL;
CREATE INDEX ix_closure_centre_id ON closure (centre_id);
CREATE INDEX ix_enrolment_code ON enrolment (code);
CREATE INDEX ix_opening_centre_id ON opening (centre_id);
CREATE INDEX ix_pause_seat_id ON pause (seat_id);
CREATE UNIQUE INDEX ux_pause_seat ON pause (seat_id) WHERE until_at IS NULL;
CREATE INDEX ix_special_hours_centre_id ON special_hours (centre_id);
CREATE UNIQUE INDEX ux_visit_follow ON visit (follow_hash) WHERE ended_at IS NULL;
CREATE INDEX ix_ticket_directed ON ticket (for_counter_id) WHERE state = 'waiting' AND for_counter_id IS NOT NULL;
CREATE INDEX ix_ticket_ended ON ticket (centre_id, ended_at);
CREATE INDEX ix_ticket_open ON ticket (centre_id) WHERE ended_at IS NULL;
CREATE INDEX ix_ticket_visit_id ON ticket (visit_id);
CREATE INDEX ix_ticket_waiting ON ticket (centre_id, ticket_class, counts_from, arrived_at, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX ux_ticket_at_counter ON ticket (counter_id) WHERE state IN ('called', 'serving');
CREATE INDEX ix_note_ticket_id ON note (ticket_id);
CREATE INDEX ix_note_visit_id ON note (visit_id);
CREATE INDEX ix_step_ticket ON step (ticket_id, id);
COMMIT;
