CREATE TABLE grader_gradebook (
    schema_version INTEGER NOT NULL
);
CREATE TABLE student (
    id VARCHAR NOT NULL,
    name TEXT,
    email TEXT,
    section TEXT,
    PRIMARY KEY (id)
);
CREATE TABLE notebook (
    sha256 VARCHAR(64) NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (sha256)
);
CREATE TABLE session (
    id INTEGER NOT NULL,
    began_at VARCHAR NOT NULL,
    ended_at VARCHAR,
    PRIMARY KEY (id)
);
CREATE TABLE handle (
    platform VARCHAR NOT NULL,
    assignment VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    student VARCHAR NOT NULL,
    PRIMARY KEY (platform, assignment, value),
    FOREIGN KEY(student) REFERENCES student (id)
);
CREATE INDEX ix_handle_student ON handle (student);
CREATE TABLE submission (
    id INTEGER NOT NULL,
    student VARCHAR NOT NULL,
    assignment VARCHAR NOT NULL,
    sha256 VARCHAR(64),
    version VARCHAR(64) NOT NULL,
    name TEXT NOT NULL,
    handed_in_at VARCHAR,
    marked_late BOOLEAN NOT NULL,
    doubt BLOB,
    seen_at VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (student, assignment, version),
    FOREIGN KEY(student) REFERENCES student (id),
    FOREIGN KEY(sha256) REFERENCES notebook (sha256)
);
CREATE TABLE override (
    id INTEGER NOT NULL,
    student VARCHAR NOT NULL,
    assignment VARCHAR NOT NULL,
    check_id VARCHAR NOT NULL,
    points FLOAT NOT NULL,
    reason TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(student) REFERENCES student (id)
);
CREATE INDEX override_of_work ON override (student, assignment, id);
CREATE TABLE evidence (
    submission INTEGER NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    execution BLOB NOT NULL,
    PRIMARY KEY (submission, "key"),
    FOREIGN KEY(submission) REFERENCES submission (id)
);
CREATE TABLE mark (
    id INTEGER NOT NULL,
    submission INTEGER NOT NULL,
    maker VARCHAR(64) NOT NULL,
    assignment_digest VARCHAR(64) NOT NULL,
    grader_version VARCHAR NOT NULL,
    made_at VARCHAR NOT NULL,
    points FLOAT NOT NULL,
    max_points FLOAT NOT NULL,
    withheld BOOLEAN NOT NULL,
    detail BLOB NOT NULL,
    run VARCHAR(64),
    PRIMARY KEY (id),
    FOREIGN KEY(submission) REFERENCES submission (id)
);
CREATE INDEX mark_of_submission ON mark (submission, id);
CREATE TABLE change (
    id INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    check_id VARCHAR NOT NULL,
    "before" FLOAT NOT NULL,
    "after" FLOAT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(mark) REFERENCES mark (id)
);
CREATE INDEX ix_change_mark ON change (mark);
INSERT INTO grader_gradebook VALUES (1);
