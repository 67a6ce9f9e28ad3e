"""What must hold of the platform's templates, checked without an account."""
