"""What a run of `benchmarks.scale` found, for a reader."""

from __future__ import annotations

from typing import Any

from benchmarks.scale.reckoning import Costs, lines


def one_line(span: dict[str, Any]) -> str:
    shown = span["call to every display"]
    return (
        f"  {span['times real']:g} x real: {span['commands a second']} commands/s, call to every display p50 {shown.get('p50')} p95 {shown.get('p95')}"
        f" p99 {shown.get('p99')} ms; {span['server ms a command']} + {span['postgres ms a command']} ms of a processor a command"
        f"{'; SATURATED' if span['saturated'] else ''}"
    )


def whole(result: dict[str, Any]) -> str:
    size = result["size"]
    said = [
        f"Foyer on several servers, {result['at']}, {result['machine']}, {result['took']} s",
        "",
        f"{size['centres']} centres, {size['screens']} kiosks and displays, {size['advisers']} advisers; PostgreSQL, all servers and those who play visitors on this one machine. "
        + (
            "Each site's screens lie on all servers in turn."
            if result["scattered"]
            else "Each site's screens are led to one server."
        ),
        "",
        "| servers | visitors | commands/s | issue p95 ms | call to every display p50 / p95 / p99 ms | processors: servers + PostgreSQL | ms of a processor a command: server + PostgreSQL | memory MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for servers, found in result["servers"].items():
        idle = found["idle"]
        said.append(
            f"| {servers} | none | 0 | | | {idle['cpus of servers']} + {idle['cpus of postgres']} | | {sum(found['memory empty MB']):.0f} before anybody came |"
        )
        said += [_span(servers, span) for span in found["spans"]]
    if result["faults"]:
        said += [
            "",
            "| under load | nothing answered for | screens came back | the last of them after | an answered call on every display after, at worst | asked again |",
            "|---|---|---|---|---|---|",
        ]
        said += [_fault(name, fault) for name, fault in result["faults"].items()]
    counted = result["counted"]
    said += [
        "",
        f"Of {counted['answered']:,} visits that were answered {counted['lost']} are lost; {counted['codes twice']} codes were given twice,"
        f" {counted['called twice']} tickets called by two.",
        "",
    ]
    if result["not reached"]:
        said += [f"Not reached in this time: {', '.join(result['not reached'])}.", ""]
    measured = {name: result["costs"][name] for name in ("server", "database", "base_mb", "mb_a_screen")}
    return "\n".join([*said, *lines(Costs(**measured))]) + "\n"


def _span(servers: str, span: dict[str, Any]) -> str:
    shown, issue = span["call to every display"], span["issue"]
    used = sum(span["cpus of servers"])
    return (
        f"| {servers} | {span['times real']:g} x real | {span['commands a second']}{' (saturated)' if span['saturated'] else ''} | {issue.get('p95', '')} |"
        f" {shown.get('p50', '')} / {shown.get('p95', '')} / {shown.get('p99', '')} | {used:.2f} + {span['cpus of postgres']:.2f} |"
        f" {span['server ms a command']} + {span['postgres ms a command']} | {sum(span['memory MB']):.0f} |"
    )


def _fault(name: str, fault: dict[str, Any]) -> str:
    back = fault["screen back after"].get("most")
    return (
        f"| {name} | {fault['nothing answered for']} s | {fault['screens that came back']} | {'' if back is None else f'{back / 1000:.1f} s'} |"
        f" {fault['slowest display after an answer']} s | {fault['asked again']} |"
    )
