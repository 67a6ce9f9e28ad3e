"""The image classifier: trained by a state machine in an image of its own, registered, and served."""

from ml_constructs.machines.algorithm import VISION
from stacks.systems.scripted import PICTURES, ScriptedSystem

SYSTEM = ScriptedSystem(
    name="images",
    image="vision",
    algorithm=VISION,
    instance_type="ml.m5.large",  # of preparation and evaluation, which need no GPU
    training_instance_type="ml.m5.xlarge",
    inference=PICTURES,
    models="the image classifier",
    stack_id="vision",
    description="Image classifier: training, registry and endpoint",
)
