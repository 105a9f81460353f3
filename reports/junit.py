"""JUnit XML: one test case per claim, for whatever shows test results."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from refutable.reports import totals, troubles, wording
from refutable.reports.text import one_line

Model = dict[str, Any]
_OUTCOMES = ("failure", "error", "skipped")


def junit(model: Model) -> str:
    """Return a run as JUnit XML, without times, which belong to the clock (`costs.json`).

    A verdict other than the expected one is a failure, an exception an error; undecided claims
    and claims without their data are skipped and say what it would take.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    """
    by_id = {claim["id"]: claim for claim in model["claims"]}
    root = ET.Element("testsuites", name="refutable")
    for paper in model["papers"]:
        suite = ET.SubElement(root, "testsuite", name=paper["key"])
        _properties(suite, model)
        for name in paper["claims"]:
            _case(suite, by_id[name])
    _troubles(root, model)
    for suite in root:
        _count(suite, suite.findall("testcase"))
    _count(root, root.findall("testsuite/testcase"))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _count(element: ET.Element, cases: list[ET.Element]) -> None:
    element.set("tests", str(len(cases)))
    for outcome, name in zip(_OUTCOMES, ("failures", "errors", "skipped"), strict=True):
        element.set(name, str(sum(case.find(outcome) is not None for case in cases)))


def _properties(suite: ET.Element, model: Model) -> None:
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="seed", value=str(model["seed"]))
    ET.SubElement(properties, "property", name="effort", value=", ".join(model["efforts"]))


def _case(suite: ET.Element, claim: Model) -> None:
    group = ".".join(filter(None, (claim["field"], claim["paper"])))
    case = ET.SubElement(suite, "testcase", classname=group, name=claim["name"])
    outcome, message, text = _outcome(claim)
    if outcome:
        ET.SubElement(
            case, outcome, message=one_line(message, 300), type=claim["verdict"]
        ).text = text
    output = ET.SubElement(case, "system-out")
    output.text = f"{claim['verdict']}: {claim['reason']}\n{claim['command']}"


def _outcome(claim: Model) -> tuple[str, str, str]:
    """Return the element, its message and its text; no element for what is as expected."""
    verdict, reason = claim["verdict"], claim["reason"]
    if verdict == "failed":
        told = (f"{failure['error']}\n{failure['command']}" for failure in claim["failures"])
        return "error", reason, "\n\n".join(told)
    if verdict == "not run":
        return "skipped", f"not run: {reason}", claim["command"]
    if claim["as_expected"]:
        return "", "", ""
    if verdict == "undecided":
        return "skipped", f"undecided: {wording.what_it_takes(claim)}", claim["command"]
    said = f"{verdict}, expected {claim['expected']}: {reason}"
    return "failure", said, f"{said}\n{claim['statement'] or ''}\n{claim['command']}"


def _troubles(root: ET.Element, model: Model) -> None:
    if not model["problems"] and not model["unfinished"]:
        return
    suite = ET.SubElement(root, "testsuite", name="refutable run")
    for problem in model["problems"]:
        name = troubles.name(problem)
        case = ET.SubElement(suite, "testcase", classname="registration", name=name)
        text = problem["text"]
        ET.SubElement(case, "error", message=one_line(text, 300), type="not registered").text = text
    for one in model["unfinished"]:
        case = ET.SubElement(suite, "testcase", classname="unfinished", name=one["claim"])
        ET.SubElement(case, "skipped", message=totals.begun(one["blocks"]))
