-- A journal as version 1 of its schema left it: six tickets handed over, the seventh yet to be told.
BEGIN TRANSACTION;
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, ask TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('issue', 'paper', 'set_aside')), ticket TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0, passed INTEGER NOT NULL DEFAULT 0, others INTEGER NOT NULL DEFAULT 0,
    told TEXT NOT NULL DEFAULT ''
);
INSERT INTO "entry" VALUES(7,'01a200b7c92472f0be0470a3a9d4edaa','issue','01a200b7c92474dea87db0962e939ac5','',0,0,0,'');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE numbers (
    letter TEXT PRIMARY KEY, number INTEGER NOT NULL, given_on TEXT NOT NULL, sure INTEGER NOT NULL,
    steady REAL NOT NULL, boot TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "numbers" VALUES('K',7,'2026-11-24',0,3600.0,'boot-1');
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
INSERT INTO "ticket" VALUES('01a200b7c918708c8e1dc2387b951049','01a200b7c91877f494a3e3ca3c6e1914','K01','2026-11-24','','',0,'','',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,1,'handed');
INSERT INTO "ticket" VALUES('01a200b7c91d7d47802885c9b23fc324','01a200b7c91e750e84d452a399b9a26a','K02','2026-11-24','','',0,'','',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,1,'handed');
INSERT INTO "ticket" VALUES('01a200b7c9207aac9bd088bb438475ae','01a200b7c920796ba7f40b7a022a33f2','K03','2026-11-24','','',0,'','',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,1,'handed');
INSERT INTO "ticket" VALUES('01a200b7c922710e9a2afeeb1026243d','01a200b7c9227e498ad7feaa88231f97','K04','2026-11-24','','',0,'','',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,1,'handed');
INSERT INTO "ticket" VALUES('01a200b7c9237872bb78cf922c9f83d5','01a200b7c923700c8114fbc7747daf22','K05','2026-11-24','','',0,'','',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,1,'handed');
INSERT INTO "ticket" VALUES('01a200b7c9247d42b2afac78b2f90a6f','01a200b7c9247edcad41dfe8915703c0','K06','2026-11-24','','',0,'','',1795514400000,0,3600.0,'boot-1',1795514400000,'reserved',0,1,'handed');
INSERT INTO "ticket" VALUES('01a200b7c92474dea87db0962e939ac5','01a200b7c92474cf8d745ad54878203b','K07','2026-11-24','council-tax','gu',0,'','825086d2d4e35e6269199acf1558fc6bc2d054b7ad1d23b4ac0e1489e4a52437',1795514400000,0,3600.0,'boot-1',1795514400000,'confirmed',0,1,'held');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('entry',7);
COMMIT;
PRAGMA user_version=1;
