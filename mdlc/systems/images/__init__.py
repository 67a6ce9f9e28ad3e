"""Pictures of two classes, classified by ResNet-18."""
