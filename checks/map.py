"""python -m checks.map: print the floors of every root and the arrows on them, and draw docs/architecture.svg.

An arrow is an import that runs: what is imported for types alone is none.
"""

import ast
import functools
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[1]
PICTURE: Final = PROJECT / "docs" / "architecture.svg"


@dataclass(frozen=True)
class Root:
    """A folder of packages that import each other under `package`, its floors from the top, and what it is for."""

    folder: str
    package: str
    what: str
    floors: Sequence[Sequence[str]]

    @property
    def packages(self) -> list[str]:
        """The packages and modules that stand on the floors."""
        return sorted(_name(place) for place in (PROJECT / self.folder).iterdir() if _importable(place))


ROOTS: Final = (
    Root(
        "stacks",
        "stacks",
        "what is deployed together",
        (
            ("platform",),
            ("api", "budget", "experiments", "features", "labeling", "notices", "studio"),
            ("foundation",),
            ("images", "network"),
            ("environments", "storage"),
            ("settings",),
            ("systems",),
            ("labeling_settings", "people"),
        ),
    ),
    Root(
        "constructs/ml_constructs",
        "ml_constructs",
        "what stacks are made of",
        (
            ("studio",),
            ("experiments", "systems"),
            ("machines", "pipelines"),
            ("features", "images", "labeling", "monitoring", "registry", "serving"),
            ("functions", "jobs"),
            ("network",),
            ("foundation",),
        ),
    ),
    Root(
        "constructs/ml_rules",
        "ml_rules",
        "what a template must keep",
        (
            ("packs",),
            ("catalogue",),
            ("destinations", "messages", "watching"),
            ("data", "workflows"),
            ("access", "apis", "controls", "judgeable", "network", "programs", "refusals", "sagemaker", "serving"),
            ("decided",),
            ("policies", "requests", "rule"),
            ("templates",),
            ("values", "worlds"),
        ),
    ),
    Root(
        "account",
        "account",
        "what an AWS account has and may use, as data",
        (("hosts", "quotas", "regions", "resource_types", "sessions", "singletons"), ("instance_types",)),
    ),
    Root(
        "mdlc",
        "mdlc",
        "the command line, over AWS's APIs",
        (
            ("cli", "commands"),
            ("demos",),
            ("checkup", "report"),
            ("capacity", "client", "cost", "features", "labels", "new", "reviews", "templates"),
            ("systems",),
            ("output", "errors", "project"),
        ),
    ),
    Root(
        "localcloud",
        "localcloud",
        "an AWS on this machine, for any app",
        (
            ("server",),
            ("differences", "ministack"),
            ("builds", "cloudformation", "door", "fault_gate", "host", "report", "state_roles", "wire"),
            ("hooks",),
            (
                "autoscaling",
                "cost_explorer",
                "mlflow_wire",
                "objects",
                "readback",
                "records_wire",
                "service_catalog",
                "service_quotas",
                "states",
            ),
            ("cdk", "faults", "template"),
            ("alarm_settings",),
            ("address_ranges", "alarms", "clients", "console", "filter_policies", "lifecycle", "policy_documents"),
        ),
    ),
    Root(
        "localcloud/hooks",
        "localcloud.hooks",
        "what it mends of MiniStack",
        (
            ("apis",),
            (
                *("api_account", "data_streams", "fifo_topics", "kms", "network_checks", "networks", "rest_apis", "s3"),
                "schedules",
            ),
            ("compute",),
            ("parameters", "stacks"),
            ("callers",),
            ("requests",),
            (
                "generated_secrets",
                "messages",
                "metric_store",
                "secret_names",
                "secret_references",
                "secret_versions",
                "tables",
                "telemetry",
            ),
        ),
    ),
    Root(
        "localsagemaker",
        "localsagemaker",
        "a SageMaker on this machine",
        (
            ("service",),
            ("limits",),
            ("instances",),
            ("hosting", "pipelines"),
            ("feature_store", "jobs", "mlflow", "registry"),
            ("studio",),
            ("kernel",),
            ("closed", "images", "quotas", "tracking"),
            ("errors",),
        ),
    ),
    Root(
        "containers",
        "",
        "what jobs and endpoints run",
        (("knn", "tabular", "vision"), ("evaluation",), ("contract",)),
    ),
    *(
        Root(f"lambda/{folder}", "", what, floors)
        for folder, what, floors in (
            ("serving", "the API's functions, and the roll-out of approved models", (("predictions", "rollout"),)),
            ("training", "what a run of a state machine is held against", (("run_comparison", "run_validation"),)),
            ("experiments", "records runs in MLflow", (("experiments",),)),
            (
                "labeling",
                "labels that people gave, and the tasks of those who give them",
                (
                    (
                        *("human_loop_course", "human_loop_news", "review_gate"),
                        *("labeling_arrivals", "labeling_finish", "labeling_jobs", "labeling_prepare"),
                        *("labeling_sweep", "lead", "page", "sign_in"),
                    ),
                    ("worker",),
                    ("human_loops", "portal"),
                    ("reach",),
                    ("task_store",),
                    ("labels",),
                ),
            ),
            ("notices", "tells people what failed", (("notices",),)),
            (
                "custom_resources",
                "for what CloudFormation cannot",
                (("cleanup",), ("feature_metadata", "image_build", "log_groups"), ("common",)),
            ),
        )
    ),
    Root(
        "checks",
        "checks",
        "the gates",
        (
            ("__main__", "map", "rehearsal"),
            ("image_recipes", "report", "tools", "upgrade"),
            ("access",),
            ("pages", "provenance"),
            ("synthesis",),
            ("corpus", "gates", "resolved", "vectors"),
        ),
    ),
)
"""The one table of floors: a package imports from its own floor and those below."""


def arrows(root: Root) -> Mapping[tuple[str, str], set[str]]:
    """Return which package of a root imports which other, and the files that do."""
    found: dict[tuple[str, str], set[str]] = {}
    packages, prefix = set(root.packages), root.package.split(".") if root.package else []
    for module, file in _modules(root):
        own = module.split(".")[len(prefix)] if module.count(".") >= len(prefix) else ""
        for name in imports(file):
            parts = name.split(".")
            if not own or parts[: len(prefix)] != prefix or len(parts) <= len(prefix):
                continue
            other = parts[len(prefix)]
            if other != own and other in packages:
                found.setdefault((own, other), set()).add(str(file.relative_to(PROJECT)))
    return found


def upward(root: Root) -> set[tuple[str, str]]:
    """Return the arrows of a root that run up, from a floor to one above it."""
    height = {name: len(root.floors) - number for number, names in enumerate(root.floors) for name in names}
    return {(above, below) for above, below in arrows(root) if height.get(above, 0) < height.get(below, 0)}


def circles(root: Root) -> list[list[str]]:
    """Return the modules of a root that import each other in a circle when they are loaded."""
    files = dict(_modules(root))
    graph = {
        module: {
            next((each for each in (name, name.rpartition(".")[0]) if each in files), module)
            for name in imports(file, nested=False)
        }
        - {module}
        for module, file in files.items()
    }
    while ends := [module for module, others in graph.items() if not others & graph.keys()]:
        for module in ends:
            del graph[module]
    return [sorted(graph)] if graph else []


def imports(file: Path, *, nested: bool = True) -> Iterator[str]:
    """Yield the full names that a file imports when it runs, those in its functions unless `nested` is false."""
    yield from _names_in(tree_of(file).body, nested=nested)


def tree_of(file: Path) -> ast.Module:
    """Return the syntax tree of a file, made once for the same text; nobody changes it."""
    return _parse(file.read_text(encoding="utf-8"))


@functools.cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def _names_in(body: Iterable[ast.AST], *, nested: bool) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and _is_for_types(node.test):
            yield from _names_in(node.orelse, nested=nested)
        elif nested or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _names_in(ast.iter_child_nodes(node), nested=nested)


def _is_for_types(condition: ast.expr) -> bool:
    match condition:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(value=ast.Name(id="typing"), attr="TYPE_CHECKING"):
            return True
    return False


def _modules(root: Root) -> Iterator[tuple[str, Path]]:
    folder = PROJECT / root.folder
    for file in sorted(folder.rglob("*.py")):
        parts = [*root.package.split("."), *file.relative_to(folder).with_suffix("").parts]
        yield ".".join(part for part in parts if part and part != "__init__"), file


def _importable(place: Path) -> bool:
    return (place.suffix == ".py" and place.name != "__init__.py") or (place.is_dir() and any(place.rglob("*.py")))


def _name(place: Path) -> str:
    return place.name.removesuffix(".py")


WIDTH, ROW, GAP, MARGIN = 580, 30, 24, 24
LETTER: Final = 8.5
"""Width of a letter of 14 pixels, in a wide typeface."""
STYLE: Final = (
    "text{font:14px system-ui,sans-serif;fill:#1f2933}.title{font-weight:600;font-size:17px}"
    ".what{fill:#52606d;text-anchor:end}.name{text-anchor:middle}"
    ".root{fill:#f5f7fa;stroke:#9aa5b1}.package{fill:#fff;stroke:#cbd2d9}.on{fill:#0b69a3}"
)


def picture() -> str:
    """Return the picture of the house as SVG: every root, its floors from the top, and the roots that it stands on."""
    columns: list[list[str]] = [[], []]
    heights = [MARGIN, MARGIN]
    for root in ROOTS:
        column = heights.index(min(heights))
        box, height = _box(root, MARGIN + column * (WIDTH + GAP), heights[column])
        columns[column].append(box)
        heights[column] += height + GAP
    width, height = 2 * WIDTH + GAP + 2 * MARGIN, max(heights)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        f"<title>The roots of the code and their floors</title><style>{STYLE}</style>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n{"".join(map("".join, columns))}</svg>\n'
    )


def _box(root: Root, left: int, top: int) -> tuple[str, int]:
    lines = [_text(left + 14, top + 26, root.folder, "title")]
    lines.append(_text(left + WIDTH - 14, top + 26, root.what, "what"))
    y = top + 40
    for floor in root.floors:
        x = left + 14.0
        for name in floor:
            wide = LETTER * len(name) + 16
            if x + wide > left + WIDTH - 14:
                x, y = left + 14.0, y + ROW
            lines.append(
                f'<rect class="package" x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{ROW - 6}" rx="4"/>'
                + _text(x + wide / 2, y + 17, name, "name")
            )
            x += wide + 6
        y += ROW
    if on := standing_on(root):
        for words in textwrap.wrap(f"stands on {', '.join(on)}", int((WIDTH - 28) / LETTER), break_on_hyphens=False):
            lines.append(_text(left + 14, y + 17, words, "on"))
            y += ROW - 10
        y += 10
    height = y - top + 8
    frame = f'<rect class="root" x="{left}" y="{top}" width="{WIDTH}" height="{height}" rx="8"/>'
    return "\n".join([frame, *lines, ""]), height


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text x="{x:.1f}" y="{y}" class="{kind}">{escape(text)}</text>'


def standing_on(root: Root) -> list[str]:
    """Return the other roots that a root imports."""
    names = {name for _, file in _modules(root) for name in imports(file)}
    found = []
    for other in ROOTS:
        if root.folder.startswith(other.folder) or other.folder.startswith(root.folder):
            continue
        known = [other.package] if other.package else other.packages
        if any(name == each or name.startswith(f"{each}.") for name in names for each in known):
            found.append(other.folder)
    return found


def main() -> int:
    """Print the house and draw it; return 1 where an arrow runs up."""
    wrong = 0
    for root in ROOTS:
        print(f"{root.folder}: {root.what}")  # noqa: T201 - the result
        for floor in root.floors:
            print(f"    {'  '.join(floor)}")  # noqa: T201
        for (one, other), files in sorted(arrows(root).items()):
            up = (one, other) in upward(root)
            wrong += up
            print(f"  {'UP  ' if up else '    '}{one} -> {other}  ({len(files)} files)")  # noqa: T201
    PICTURE.write_text(picture(), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
