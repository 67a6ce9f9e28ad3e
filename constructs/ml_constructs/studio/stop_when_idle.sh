#!/bin/bash
# Runs as root at every start of a notebook instance: stops it once no kernel or terminal was used for some time.
set -euo pipefail
cat >/usr/local/bin/stop-when-idle <<'PROGRAM'
#!/usr/bin/python3
"""Stops this notebook instance when Jupyter has been idle, by the clock of its kernels and terminals."""
import datetime
import json
import ssl
import subprocess
import sys
import urllib.request

IDLE = datetime.timedelta(seconds=@IDLE_SECONDS@)
JUPYTER = "https://localhost:8443/api/"
METADATA = "/opt/ml/metadata/resource-metadata.json"


def asked(what):
    trusting = ssl._create_unverified_context()  # Jupyter's certificate is its own, and the way to it is this machine
    with urllib.request.urlopen(JUPYTER + what, context=trusting, timeout=20) as answer:
        return json.load(answer)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


now = datetime.datetime.now(datetime.timezone.utc)
with open("/proc/uptime") as uptime:
    last = now - datetime.timedelta(seconds=float(uptime.read().split()[0]))
for kernel in asked("kernels"):
    if kernel["execution_state"] == "busy":
        sys.exit()
    last = max(last, moment(kernel["last_activity"]))
for terminal in asked("terminals"):
    last = max(last, moment(terminal["last_activity"]))
if now - last > IDLE:
    with open(METADATA) as metadata:
        name = json.load(metadata)["ResourceName"]
    subprocess.run(["aws", "sagemaker", "stop-notebook-instance", "--notebook-instance-name", name], check=True)
PROGRAM
chmod 755 /usr/local/bin/stop-when-idle
# Amazon Linux 2023 has no cron
cat >/etc/systemd/system/stop-when-idle.service <<'UNIT'
[Unit]
Description=Stops this notebook instance when it is idle

[Service]
Type=oneshot
ExecStart=/usr/local/bin/stop-when-idle
UNIT
cat >/etc/systemd/system/stop-when-idle.timer <<'UNIT'
[Unit]
Description=Looks every five minutes whether this notebook instance is idle

[Timer]
OnActiveSec=5min
OnUnitActiveSec=5min

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now stop-when-idle.timer
