"""The first notebook of a space: it comes with the start script, because a closed space can fetch nothing."""

import json
from pathlib import Path

NOTEBOOK = Path(__file__).with_name("first_notebook.ipynb")
CALLED = "from-data-to-a-prediction.ipynb"


def first_notebook(environment: str) -> str:
    """Return the lines of a start script that leave the notebook in a space's home folder, unless one is there.

    It is the same for all systems of `environment`: it asks AWS which there are. So another system changes no script.
    """
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8").replace("@ENVIRONMENT@", environment))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])  # one text is as good as a list of lines, and shorter
    return f"""cd /home/sagemaker-user 2>/dev/null || cd
test -e {CALLED} || cat >{CALLED} <<'NOTEBOOK'
{json.dumps(notebook, ensure_ascii=False, separators=(",", ":"))}
NOTEBOOK
"""
