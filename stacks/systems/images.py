"""The image classifier: trained by a state machine in an image of its own, registered, and served."""

from ml_constructs.machines.algorithm import VISION
from ml_constructs.registry.registration import Inference
from stacks.systems.scripted import ScriptedSystem

SYSTEM = ScriptedSystem(
    name="images",
    image="vision",
    algorithm=VISION,
    instance_type="ml.m5.large",  # of preparation and evaluation, which need no GPU
    training_instance_type="ml.m5.xlarge",
    inference=Inference(
        content_types=("image/png", "image/jpeg", "application/json"),
        response_types=("application/json",),
        instance_types=("ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge", "ml.c5.2xlarge"),
    ),
    models="the image classifier",
    stack_id="vision",
    description="Image classifier: training, registry and endpoint",
)
