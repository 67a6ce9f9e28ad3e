"""Pictures of two shapes, told apart by ResNet-18."""
