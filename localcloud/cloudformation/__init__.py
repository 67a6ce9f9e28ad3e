"""The resource types that the platform's templates use and MiniStack lacks, or has too little of."""
