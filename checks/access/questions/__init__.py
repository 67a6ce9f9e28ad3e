"""What a bank's security officer asks of production, each question answered by two evaluators of IAM.

The questions are the TOML files of this folder, one for each group, in the order of their names.
"""
