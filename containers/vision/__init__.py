"""Classification of pictures: ResNet-18 on JAX, from folders of pictures to an endpoint."""
