"""The image runner: builds an image and runs it, in a container where there is an engine, else as a process."""

from localcloud.images.image import BuildFailed, Image, Log
from localcloud.images.running import Running
from localcloud.images.store import Images

__all__ = ["BuildFailed", "Image", "Images", "Log", "Running"]
