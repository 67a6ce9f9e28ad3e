"""What pictures may change by in training; a module of its own beside train.py, which imports it."""

from vision.augmentation import Augmentation

AUGMENTATION = Augmentation(flip=0.5, degrees=10, translate=0.1, scale=(0.5, 1.5))
