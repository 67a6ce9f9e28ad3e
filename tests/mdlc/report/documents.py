"""Reports that jobs of the platform wrote, small enough to compute by hand."""

from datetime import timedelta
from typing import Any

from mdlc.report.origin import Origin
from tests.mdlc.fake_aws import NOW

EVALUATION: dict[str, Any] = {
    "classification_metrics": {
        "roc_auc": {"value": 0.8123, "standard_deviation": "NaN"},
        "recall": {"value": 0.4, "standard_deviation": 0.1},
        "precision": {"value": 0.25, "standard_deviation": 0.1},
    },
    "binary_classification_metrics": {
        "confusion_matrix": {"0": {"0": 79, "1": 6}, "1": {"0": 3, "1": 2}},
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": [0.0, 0.1, 1.0],
            "true_positive_rates": [0.0, 0.6, 1.0],
        },
    },
    "decision": {"threshold": 0.31, "rule": "highest F1 on the validation set"},
}
EXPLANATIONS: dict[str, Any] = {
    "explanations": {"kernel_shap": {"label0": {"global_shap_values": {"age": 0.1, "witnesses": 0.5}}}},
    "method": {"name": "tree_shap", "description": "Exact TreeSHAP."},
}
SEVERAL: dict[str, Any] = {
    "classification_metrics": {"accuracy": {"value": 0.75}, "macro_f1": {"value": 0.7}},
    "multiclass_classification_metrics": {
        "confusion_matrix": {
            "0": {"0": 3, "1": 1, "2": 0},
            "1": {"0": 0, "1": 2, "2": 0},
            "2": {"0": 1, "1": 0, "2": 1},
        }
    },
}
BIAS: dict[str, Any] = {
    "pre_training_bias_metrics": {
        "label": "fraud",
        "label_value_or_threshold": "0",
        "facets": {
            "customer_gender_female": [
                {
                    "value_or_threshold": "1",
                    "metrics": [{"name": "DPL", "description": "Difference in Labels (DPL)", "value": -0.0139}],
                }
            ]
        },
    },
    "post_training_bias_metrics": {
        "label": "fraud",
        "label_value_or_threshold": "0",
        "facets": {
            "customer_gender_female": [
                {
                    "value_or_threshold": "1",
                    "metrics": [
                        {"name": "DI", "description": "Disparate Impact (DI)", "value": None},
                        {"name": "RD", "description": "Recall Difference (RD)", "value": 0.125},
                    ],
                }
            ]
        },
    },
    "decision": {
        "probability_threshold": 0.31,
        "rule": "highest F1",
        "rows": 90,
        "predicted_1": 8,
        "facet_rows": 40,
        "facet_predicted_1": 3,
        "vacuous": True,
    },
}
ORIGIN = Origin(
    environment="dev",
    cloud="AWS (eu-west-1)",
    data="0123456789abcdef",
    scripts="fedcba9876543210",
    image="111111111111.dkr.ecr.eu-west-1.amazonaws.com/tabular:7f3a",
    hyperparameters={"eta": "0.1", "max_depth": "2"},
    job="train-1",
    instances="2 ml.m5.xlarge, spot",
    started=NOW,
    ended=NOW + timedelta(seconds=75),
)
