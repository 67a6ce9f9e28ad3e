"""The files of the portal's page, as its function has them in its package."""

import shutil
from pathlib import Path
from typing import Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from ml_constructs.functions.function import SOURCE

PROJECT: Final = SOURCE.parent
PAGE: Final = PROJECT / "web" / "labeling"
VENDOR: Final = {
    "json5.js": PROJECT / "node_modules/json5/dist/index.min.mjs",
    "liquid.js": PROJECT / "node_modules/liquidjs/dist/liquid.browser.mjs",
}
"""What the frame needs of npm: single files without imports."""
FOLDER: Final = "site"


def copy_page(into: Path) -> None:
    """Copy the page, without what only tries templates out, and its libraries. Raises ValueError."""
    for file in VENDOR.values():
        if not file.is_file():
            raise ValueError(f"{file.name} of npm is missing: run make setup.")
    shutil.copytree(PAGE, into, ignore=shutil.ignore_patterns("try"))
    (into / "vendor").mkdir()
    for name, file in VENDOR.items():
        shutil.copyfile(file, into / "vendor" / name)


@jsii.implements(cdk.ILocalBundling)
class _Packed:
    """Puts the package of the function and the page's files together, on this machine and without a container."""

    def try_bundle(self, output_dir: str, _options: object = None, **_more: object) -> bool:
        """Write the asset."""
        into = Path(output_dir)
        shutil.copytree(SOURCE / "labeling" / "page", into / "page", ignore=shutil.ignore_patterns("__pycache__"))
        copy_page(into / FOLDER)
        return True


def page_code() -> lambda_.Code:
    """Return the code of the function that serves the page."""
    bundling = cdk.BundlingOptions(image=cdk.DockerImage.from_registry("none"), local=_Packed())
    return lambda_.Code.from_asset(str(PAGE), asset_hash_type=cdk.AssetHashType.OUTPUT, bundling=bundling)
