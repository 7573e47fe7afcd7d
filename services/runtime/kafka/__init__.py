"""What talks to Kafka, and the process around it."""
