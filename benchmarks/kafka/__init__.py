"""racto-kafka beside bare confluent-kafka, on brokers of this machine."""
