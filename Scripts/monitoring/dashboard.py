#!/usr/bin/env python3
"""Prints the Grafana dashboard: `dashboard.py > grafana.json` after a change here.

Rows of panels, each a title, a kind, a unit and expressions with their legends.
"""

import json

SOURCE = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
WHERE = 'instance=~"$instance"'

PANELS = [
    [
        (
            "Stuck connections",
            "stat",
            "none",
            [(f"sum(wirestate_stuck_connections{{{WHERE}}})", "stuck")],
        ),
        (
            "Oldest stuck connection",
            "stat",
            "s",
            [(f"max(wirestate_oldest_stuck_seconds{{{WHERE}}})", "oldest")],
        ),
        (
            "Connections seen",
            "stat",
            "ops",
            [
                (
                    f"sum(rate(wirestate_connections_seen_total{{{WHERE}}}[$__rate_interval]))",
                    "a second",
                )
            ],
        ),
        (
            "Packets lost",
            "stat",
            "pps",
            [
                (
                    f"sum(rate(wirestate_capture_dropped_packets_total{{{WHERE}}}[$__rate_interval]))",
                    "a second",
                )
            ],
        ),
    ],
    [
        (
            "States of the clients",
            "stacked",
            "none",
            [(f'sum by (state) (wirestate_connections{{role="client",{WHERE}}})', "{{state}}")],
        ),
        (
            "States of the servers",
            "stacked",
            "none",
            [(f'sum by (state) (wirestate_connections{{role="server",{WHERE}}})', "{{state}}")],
        ),
    ],
    [
        (
            "Stuck, by diagnosis and fault",
            "lines",
            "none",
            [
                (
                    f"sum by (diagnosis, fault) (wirestate_stuck_connections{{{WHERE}}})",
                    "{{diagnosis}}, fault: {{fault}}",
                )
            ],
        ),
        (
            "Services in CLOSE_WAIT",
            "lines",
            "none",
            [
                (
                    "topk(10, sum by (service) (wirestate_service_connections"
                    f'{{state="close_wait",{WHERE}}}))',
                    "{{service}}",
                )
            ],
        ),
    ],
    [
        (
            "How connections ended",
            "stacked",
            "ops",
            [
                (
                    "sum by (cause, closer) (rate(wirestate_closes_total"
                    f"{{{WHERE}}}[$__rate_interval]))",
                    "{{cause}}, by {{closer}}",
                )
            ],
        ),
        (
            "State changes",
            "lines",
            "ops",
            [
                (
                    f"sum by (to) (rate(wirestate_transitions_total{{{WHERE}}}[$__rate_interval]))",
                    "to {{to}}",
                )
            ],
        ),
    ],
    [
        (
            "Time to the SYN-ACK",
            "heatmap",
            "s",
            [
                (
                    "sum by (le) (increase(wirestate_handshake_duration_seconds_bucket"
                    f'{{phase="connect",{WHERE}}}[$__rate_interval]))',
                    "{{le}}",
                )
            ],
        ),
        (
            "Handshake time, 99th percentile",
            "lines",
            "s",
            [
                (
                    "histogram_quantile(0.99, sum by (phase, le) (rate("
                    f"wirestate_handshake_duration_seconds_bucket{{{WHERE}}}[$__rate_interval])))",
                    "{{phase}}",
                )
            ],
        ),
    ],
]


def panel(number, title, kind, unit, expressions, place):
    drawn = {
        "stat": "stat",
        "stacked": "timeseries",
        "lines": "timeseries",
        "heatmap": "heatmap",
    }[kind]
    result = {
        "id": number,
        "title": title,
        "type": drawn,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": SOURCE,
                "expr": expression,
                "legendFormat": legend,
                "format": "heatmap" if kind == "heatmap" else "time_series",
            }
            for index, (expression, legend) in enumerate(expressions)
        ],
        "options": {},
    }
    if kind == "stacked":
        result["fieldConfig"]["defaults"]["custom"] = {
            "stacking": {"mode": "normal"},
            "fillOpacity": 60,
        }
    if kind == "heatmap":
        result["options"] = {"calculate": False, "yAxis": {"unit": "s"}}
    return result


def dashboard():
    panels = []
    top = 0
    for row in PANELS:
        height = 4 if row[0][1] == "stat" else 9
        width = 24 // len(row)
        for column, (title, kind, unit, expressions) in enumerate(row):
            place = {"h": height, "w": width, "x": column * width, "y": top}
            panels.append(panel(len(panels) + 1, title, kind, unit, expressions, place))
        top += height
    return {
        "__inputs": [
            {
                "name": "DS_PROMETHEUS",
                "label": "Prometheus",
                "type": "datasource",
                "pluginId": "prometheus",
                "pluginName": "Prometheus",
            }
        ],
        "__requires": [
            {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"}
        ],
        "title": "TCP connections (wirestate)",
        "uid": "wirestate-tcp",
        "tags": ["tcp", "wirestate"],
        "schemaVersion": 38,
        "version": 1,
        "editable": True,
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "15s",
        "templating": {
            "list": [
                {
                    "name": "instance",
                    "label": "Host",
                    "type": "query",
                    "datasource": SOURCE,
                    "query": {
                        "query": "label_values(wirestate_build_info, instance)",
                        "refId": "A",
                    },
                    "definition": "label_values(wirestate_build_info, instance)",
                    "includeAll": True,
                    "allValue": ".*",
                    "multi": True,
                    "current": {"text": ["All"], "value": ["$__all"]},
                    "refresh": 2,
                }
            ]
        },
        "annotations": {"list": []},
        "panels": panels,
    }


if __name__ == "__main__":
    print(json.dumps(dashboard(), indent=1))
