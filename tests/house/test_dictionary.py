"""Each table and column has its sentence in both languages, in the folder of its subject."""

from dataclasses import replace

from tests.house.sources import nothing
from timebank.dictionary import Field, dictionary, shared_words, words_of
from timebank.subjects import subjects


def lacking(fields: list[Field]) -> list[str]:
    return [
        f"timebank/{one.subject}/dictionary.toml: [{one.table}] "
        f'{one.column or chr(34) * 2} = ["…", "…"]'
        for one in fields
        if not (one.zh.strip() and one.en.strip())
        or any("\u4e00" <= letter <= "\u9fff" for letter in one.en)
        or not any("\u4e00" <= letter <= "\u9fff" for letter in one.zh)
    ]


def test_every_table_and_column_has_a_sentence_in_both_languages():
    nothing(lacking(list(dictionary())))
    assert len(dictionary()) > 1000


def test_a_column_without_its_sentence_in_one_language_is_found():
    whole = next(one for one in dictionary() if one.column)
    for bare in (replace(whole, zh=""), replace(whole, en=""), replace(whole, en=whole.zh)):
        assert len(lacking([whole, bare])) == 1


def test_no_sentence_is_left_of_a_column_that_is_gone():
    faults = []
    columns = {column.name for one in subjects() for table in one.tables for column in table.c}
    for subject in subjects():
        tables = {table.name: table for table in subject.tables}
        for name, words in words_of(subject.name).items():
            known = {"", *tables[name].c.keys()} if name in tables else set()
            faults += [f"{subject.name}: [{name}] {word}" for word in words.keys() - known]
    faults += [f"shared: {name}" for name in shared_words().keys() - columns]
    nothing(faults)
