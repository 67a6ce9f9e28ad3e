"""The control plane of REST APIs: what API Gateway refuses, changes and answers, around MiniStack's own."""
