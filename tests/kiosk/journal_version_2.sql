-- A journal as version 2 of its schema left it: one ticket handed over and forgotten, one yet to be told, one paper for staff.
PRAGMA user_version=2;
BEGIN TRANSACTION;
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, ask TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('issue', 'paper', 'set_aside', 'printed')), ticket TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0, passed INTEGER NOT NULL DEFAULT 0, others INTEGER NOT NULL DEFAULT 0,
    told TEXT NOT NULL DEFAULT ''
);
INSERT INTO "entry" VALUES(2,'01a20170736e70d9abf26cc293ac1fad','issue','01a20170736e73cea9dec714691b8ce7','',0,0,0,'');
INSERT INTO "entry" VALUES(3,'01a20170737370478f5b55b65c87edef','printed','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',0,0,0,'');
CREATE TABLE job (
    id TEXT PRIMARY KEY, paper TEXT NOT NULL, follow_hash TEXT NOT NULL DEFAULT '', begun_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "job" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','confirmed','1763d438a22ab0e43f9578e5a1ea0a9e575ecc8c0b5dc9d7691742b7a878468f',1795514400000);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE numbers (
    letter TEXT PRIMARY KEY, number INTEGER NOT NULL, given_on TEXT NOT NULL, sure INTEGER NOT NULL,
    steady REAL NOT NULL, boot TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "numbers" VALUES('K',2,'2026-11-24',0,3600.0,'boot-1');
CREATE TABLE ticket (
    id TEXT PRIMARY KEY, visit TEXT NOT NULL, code TEXT NOT NULL, given_on TEXT NOT NULL,
    service TEXT NOT NULL, language TEXT NOT NULL, discreet INTEGER NOT NULL,
    secret TEXT NOT NULL, follow_hash TEXT NOT NULL,
    taken_at INTEGER NOT NULL, sure INTEGER NOT NULL, steady REAL NOT NULL, boot TEXT NOT NULL,
    wall INTEGER NOT NULL,
    paper TEXT NOT NULL, copies INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'handed', 'aside'))
);
INSERT INTO "ticket" VALUES('01a2017073657d7d9869c02aef960a0b','01a2017073657c11b0537845bf535d3c','K01','2026-11-24','','',0,'','',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,1,'handed');
INSERT INTO "ticket" VALUES('01a20170736e73cea9dec714691b8ce7','01a20170736e7fec87a0baa1e5837b16','K02','2026-11-24','council-tax','gu',0,'loEjyeiyybNU1AUh40QKOg','d6fa39ad3da09760e001bedf7de440262ca88c3c77da9f0922574094bd49909e',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,0,'held');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('entry',3);
COMMIT;
