"""Does the decision table say of every word what the plain reading of the form says?"""

from __future__ import annotations

import pytest

from cordiale.agreements.proofs.form import NO, YES, Form, Interpreter, ItemWord, Over, Scope, Word
from cordiale.agreements.proofs.table import Answer, Bank, Table, compiled
from tests.agreements.proofs.forms import drawn, worded


def named(seed: int) -> Form:
    """A random form, every condition about the request or an item an output, and the opposite of some."""
    form, pools = drawn(seed, steps=30)
    for scope in (Scope.HEAD, Scope.ITEM):
        for number in pools[scope]:
            if compiles(form, number):
                form.output(f"{scope}.{number}", number)
                form.output(f"{scope}.not {number}", -number)
    form.output("always", YES)
    form.output("never", NO)
    return form


def compiles(form: Form, number: int) -> bool:
    form.outputs = {**(before := form.outputs), "tried": number}
    try:
        compiled(form, ["tried"])
    except ValueError:
        return False
    finally:
        form.outputs = before
    return True


def plain(form: Form, word: Word, table: Table, reading: Interpreter | None = None) -> dict[str, Answer]:
    """What the interpreter says of every output of a table."""
    reading, found = reading or Interpreter(form, word), {}
    for out in table.outputs:
        condition = form.outputs[out.name]
        if out.bank is Bank.REQUEST:
            found[out.name] = reading.holds(condition)
        else:
            found[out.name] = tuple(reading.holds(condition, item=m) for m in range(len(word.items)))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_table_and_interpreter_say_the_same_of_random_forms(seed: int) -> None:
    form = named(seed)
    table = compiled(form)
    assert len(table.outputs) > 20
    for number in range(50):
        word = worded(form, 1_000 * seed + number)
        assert table.decide(word) == plain(form, word, table), f"form {seed}, word {number}"


def test_every_way_of_gathering_is_among_the_random_forms() -> None:
    found = {row.over for seed in range(60) for row in compiled(named(seed)).rows}
    assert found == {None, *Over}


def small() -> Form:
    form = Form()
    form.variable("act", Scope.HEAD, ("send", "ask"))
    form.variable("minor", Scope.SUBJECT, ("yes", "no"))
    form.variable("category", Scope.ITEM, ("dna", "face", "name"))
    return form


def test_an_output_about_a_subject_is_refused() -> None:
    form = small()
    form.output("alone", form.one_of("minor", ["yes"]))
    with pytest.raises(ValueError, match="`alone` speaks of a subject"):
        compiled(form)


def test_a_gathering_about_another_than_it_is_gathered_over_is_refused() -> None:
    form = small()
    form.output("odd", form.some(Over.ITEMS, form.one_of("minor", ["yes"])))
    with pytest.raises(ValueError, match="gathered over items"):
        compiled(form)


def test_a_value_that_the_form_does_not_name_is_refused_with_the_variable() -> None:
    form = small()
    form.output("sent", form.one_of("act", ["send"]))
    table = compiled(form)
    with pytest.raises(ValueError, match="`act` cannot be `burn`"):
        table.decide(Word({"act": "burn"}, (), (), 0))


def test_nobody_there_is_nobody_who_meets_a_condition() -> None:
    form = small()
    form.output("anybody", form.some(Over.EVERYBODY, YES))
    form.output("about somebody", form.some(Over.ITS_SUBJECTS, YES))
    table = compiled(form)
    item = ItemWord("i", {"category": "dna"}, ())
    assert table.decide(Word({"act": "ask"}, (), (item,), 0)) == {
        "anybody": False,
        "about somebody": (False,),
    }


def test_only_what_the_named_outputs_rest_on_stands_in_the_table() -> None:
    form = named(3)
    whole = compiled(form)
    part = compiled(form, ["always"])
    assert not part.rows and not part.places and whole.rows


def test_a_table_can_be_printed_and_one_bit_changes_its_digest() -> None:
    form = small()
    for name in ("refused", "other"):
        values = ["dna"] if name == "refused" else ["face"]
        item = form.all_of(form.one_of("category", values), form.one_of("act", ["send"]))
        form.output(name, form.some(Over.ITEMS, item))
    table = compiled(form)
    assert len(list(table.lines())) == len(table.places) + len(table.rows) + len(table.outputs)
    assert compiled(form).digest == table.digest
    assert compiled(form, ["refused"]).digest != table.digest
    turned = Table(table.places, table.rows[::-1], table.outputs)
    assert turned.digest != table.digest
