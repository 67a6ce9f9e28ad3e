"""Lines of manifests as the developer guide shows them, "Output Data" (sms-data-output)."""

from typing import Any

IMAGE_CLASS: dict[str, Any] = {
    "source-ref": "s3://AWSDOC-EXAMPLE-BUCKET/example_image.jpg",
    "species": "0",
    "species-metadata": {
        "class-name": "dog",
        "confidence": 0.00,
        "type": "groundtruth/image-classification",
        "job-name": "identify-animal-species",
        "human-annotated": "yes",
        "creation-date": "2018-10-18T22:18:13.527256",
    },
}
SEVERAL_CLASSES: dict[str, Any] = {
    "source-ref": "s3://AWSDOC-EXAMPLE-BUCKET/example_image.jpg",
    "image-label-attribute-name": [1, 0, 8],
    "image-label-attribute-name-metadata": {
        "job-name": "labeling-job/image-label-attribute-name",
        "class-map": {"1": "bicycle", "0": "person", "8": "clothing"},
        "human-annotated": "yes",
        "creation-date": "2020-02-27T21:36:25.000201",
        "confidence-map": {"1": 0.95, "0": 0.77, "8": 0.2},
        "type": "groundtruth/image-classification-multilabel",
    },
}
BOXES: dict[str, Any] = {
    "source-ref": "s3://AWSDOC-EXAMPLE-BUCKET/example_image.png",
    "bounding-box-attribute-name": {
        "image_size": [{"width": 500, "height": 400, "depth": 3}],
        "annotations": [
            {"class_id": 0, "left": 111, "top": 134, "width": 61, "height": 128},
            {"class_id": 5, "left": 161, "top": 250, "width": 30, "height": 30},
            {"class_id": 5, "left": 20, "top": 20, "width": 30, "height": 30},
        ],
    },
    "bounding-box-attribute-name-metadata": {
        "objects": [{"confidence": 0.8}, {"confidence": 0.9}, {"confidence": 0.9}],
        "class-map": {"0": "dog", "5": "bone"},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": "2018-10-18T22:18:13.527256",
        "job-name": "identify-dogs-and-toys",
    },
}
SPANS: dict[str, Any] = {
    "source": "Amazon SageMaker is a cloud machine-learning platform that was launched in November 2017. SageMaker "
    "enables developers to create, train, and deploy machine-learning (ML) models in the cloud. SageMaker also enables "
    "developers to deploy ML models on embedded systems and edge-devices",
    "ner-labeling-job-attribute-name": {
        "annotations": {
            "labels": [
                {"label": "Date", "shortDisplayName": "dt"},
                {"label": "Verb", "shortDisplayName": "vb"},
                {"label": "Thing", "shortDisplayName": "tng"},
                {"label": "People", "shortDisplayName": "ppl"},
            ],
            "entities": [
                {"label": "Thing", "startOffset": 22, "endOffset": 53},
                {"label": "Thing", "startOffset": 269, "endOffset": 281},
                {"label": "Verb", "startOffset": 63, "endOffset": 71},
                {"label": "Verb", "startOffset": 228, "endOffset": 234},
                {"label": "Date", "startOffset": 75, "endOffset": 88},
                {"label": "People", "startOffset": 108, "endOffset": 118},
                {"label": "People", "startOffset": 214, "endOffset": 224},
            ],
        }
    },
    "ner-labeling-job-attribute-name-metadata": {
        "job-name": "labeling-job/example-ner-labeling-job",
        "type": "groundtruth/text-span",
        "creation-date": "2020-10-29T00:40:39.398470",
        "human-annotated": "yes",
        "entities": [{"confidence": 0}] * 7,
    },
}
VERDICT: dict[str, Any] = {
    "source-ref": "s3://bucket/location",
    "verify-bounding-box": "1",
    "verify-bounding-box-metadata": {
        "class-name": "bad",
        "confidence": 0.93,
        "type": "groundtruth/label-verification",
        "job-name": "verify-bounding-boxes",
        "human-annotated": "yes",
        "creation-date": "2018-10-18T22:18:13.527256",
        "worker-feedback": [
            {"comment": "The bounding box on the bird is too wide on the right side."},
            {"comment": "The bird on the upper right is not labeled."},
        ],
    },
}
FAILED: dict[str, Any] = {
    "source-ref": "s3://AWSDOC-EXAMPLE-BUCKET/broken.png",
    "bounding-box-attribute-name-metadata": {"failure-reason": "Nobody answered.", "human-annotated": "yes"},
}
"""A line of an object that failed, as `labels.manifest` writes it."""
