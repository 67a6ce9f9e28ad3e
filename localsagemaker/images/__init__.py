"""The image runner: builds an image and runs it, in a container where there is an engine, else as a process."""

from localsagemaker.images.image import BuildFailed, Image, Log
from localsagemaker.images.running import Running
from localsagemaker.images.store import Images

__all__ = ["BuildFailed", "Image", "Images", "Log", "Running"]
