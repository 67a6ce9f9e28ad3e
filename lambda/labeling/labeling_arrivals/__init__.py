"""Takes in what comes by the topics of streaming jobs: each message an object of each job that listens, once."""
