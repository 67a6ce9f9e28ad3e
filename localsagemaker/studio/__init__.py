"""SageMaker Studio and notebook instances as records: who is in what, in which state, and what may end before what."""
