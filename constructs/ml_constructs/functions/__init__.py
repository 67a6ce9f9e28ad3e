"""Lambda functions, and the custom resources that they answer."""
