"""The CREATE TABLE statement of SQLite, read part by part."""

from timebank.db.create_table import parts_of_table


def parts(table, statement):
    return dict(parts_of_table(table, statement))


PLAIN = """CREATE TABLE shelf (
    id INTEGER NOT NULL,
    "key" TEXT DEFAULT 'a, (b' NOT NULL,
    CONSTRAINT pk_shelf PRIMARY KEY (id),
    CONSTRAINT ck_shelf_key CHECK ("key" IN ('x', 'y, z') AND length("key") > 0)
) STRICT"""


def test_each_column_and_constraint_is_a_part():
    assert parts("shelf", PLAIN) == {
        "table shelf": "CREATE TABLE shelf STRICT",
        "column shelf.id": "INTEGER NOT NULL",
        "column shelf.key": "TEXT DEFAULT 'a, (b' NOT NULL",
        "constraint pk_shelf of shelf": "PRIMARY KEY ( id )",
        "constraint ck_shelf_key of shelf": (
            "CHECK ( \"key\" IN ( 'x' , 'y, z' ) AND length ( \"key\" ) > 0 )"
        ),
    }


def test_an_added_column_and_a_renamed_table_read_as_if_made_so():
    added = """CREATE TABLE "shelf" (id INTEGER NOT NULL, "key" TEXT DEFAULT 'a, (b' NOT NULL
        CONSTRAINT ck_shelf_key CHECK ("key" IN ('x', 'y, z') AND length("key") > 0),
        CONSTRAINT pk_shelf PRIMARY KEY (id)) STRICT"""
    assert parts("shelf", added) == parts("shelf", PLAIN)


def test_a_constraint_that_was_commented_out_reads_otherwise():
    spoilt = PLAIN.replace("CONSTRAINT ck", "/* CONSTRAINT ck").replace("> 0)", "> 0) */")
    assert parts("shelf", spoilt) != parts("shelf", PLAIN)


def test_what_stands_in_a_text_is_not_taken_for_a_constraint():
    loose = PLAIN.replace("> 0)", "> 0 OR 'CONSTRAINT ck CHECK (1)' <> '')")
    assert parts("shelf", loose).keys() == parts("shelf", PLAIN).keys()
    assert parts("shelf", loose) != parts("shelf", PLAIN)


def test_constraints_without_a_name_and_broken_statements_are_read_too():
    assert "constraint without a name of t" in parts("t", "CREATE TABLE t (a, CHECK (a > 0))")
    assert parts("t", "CREATE TABLE t (a, (b") != parts("t", "CREATE TABLE t (a, b)")
    assert parts("t", "CREATE VIRTUAL TABLE t USING x") == {
        "table t": "CREATE VIRTUAL TABLE t USING x"
    }
