"""How good the image classifier gets on generated pictures: after one epoch, after ten, and with augmentation.

The jobs of the image run in this process, prepare, train and evaluate, on data of several seeds.
"""
