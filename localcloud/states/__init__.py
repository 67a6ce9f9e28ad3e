"""Step Functions: state machines, interpreted by the interpreter of moto, whose tasks call this cloud."""
