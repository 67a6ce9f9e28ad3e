"""What an AWS account has before anything is deployed to it, as data."""
