"""The image runner: builds an image and runs it, in a container where there is an engine, else as a process."""

from mdlc.local.images.image import BuildFailed, Image, Log
from mdlc.local.images.running import Running
from mdlc.local.images.store import Images

__all__ = ["BuildFailed", "Image", "Images", "Log", "Running"]
