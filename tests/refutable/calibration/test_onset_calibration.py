"""`python -m refutable.calibration.onsets`: a table that is gone on with, case by case."""

import json

from refutable.calibration.onsets import Table, cases, main

STEP = ("--only", "step event")


def rows(path):
    return {(one["curve"], one["outcome"]): one for one in json.loads(path.read_text())["onsets"]}


def test_goes_on_where_it_was_stopped(tmp_path, capsys):
    path = tmp_path / "cal.json"
    out = ("--out", str(path))
    assert main([*STEP, "--runs", "6", *out]) == 0
    first = rows(path)
    assert list(first) == [("step", "event")]
    assert capsys.readouterr().out.startswith("step")
    main([*STEP, "--runs", "6", *out])
    assert capsys.readouterr().out == ""  # as many runs as are asked for are there
    main(["--only", "slope 60 event", "--runs", "6", *out])
    both = rows(path)
    assert list(both) == [
        ("logistic, slope 60", "event"),
        ("step", "event"),
    ]  # in the order of the cases
    assert both["step", "event"] == first["step", "event"]
    main([*STEP, "--runs", "8", *out])
    assert rows(path)["step", "event"]["runs"] == 8


def test_rows_of_another_seed_are_not_kept(tmp_path):
    path = tmp_path / "cal.json"
    main([*STEP, "--runs", "3", "--out", str(path)])
    step = next(case for case in cases() if case.name == "step")
    assert not Table(1, path).lacks(step, 3)
    assert Table(1, path).lacks(step, 4)
    assert Table(2, path).lacks(step, 3)
